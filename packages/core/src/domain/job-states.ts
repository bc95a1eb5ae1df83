/**
 * The life of a job. A move is legal only from the states listed for it; both ledgers take these sets from here.
 *
 * | move     | from                  | to        | by                                                             |
 * | -------- | --------------------- | --------- | -------------------------------------------------------------- |
 * | start    | queued                | running   | coordinator, when it first owns the job                        |
 * | pause    | running               | paused    | client; issue and begin are refused meanwhile                  |
 * | resume   | paused                | running   | client                                                         |
 * | complete | running               | completed | coordinator, budget settled and points confirmed               |
 * | exhaust  | running               | exhausted | coordinator, a finite space has no unseen point                |
 * | fail     | running               | failed    | ledger, more failed trials than `maxFailures`, or the deadline |
 * | cancel   | queued running paused | cancelled | client; terminal at once                                       |
 * | extend   | completed exhausted   | running   | client, with a larger budget or a number given back            |
 */
export const jobStates = ['queued', 'running', 'paused', 'completed', 'exhausted', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

export const jobMoves = {
  start: { from: ['queued'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  complete: { from: ['running'], to: 'completed' },
  exhaust: { from: ['running'], to: 'exhausted' },
  fail: { from: ['running'], to: 'failed' },
  cancel: { from: ['queued', 'running', 'paused'], to: 'cancelled' },
  extend: { from: ['completed', 'exhausted'], to: 'running' },
} as const satisfies Record<string, { from: readonly JobState[]; to: JobState }>;
export type JobMove = keyof typeof jobMoves;

/** Where `move` leads from `state`, or undefined where it is not legal. */
export function nextJobState(state: JobState, move: JobMove): JobState | undefined {
  const { from, to } = jobMoves[move];
  return (from as readonly JobState[]).includes(state) ? to : undefined;
}

/** A coordinator has something to do for a job in these states. */
export function isActive(state: JobState): boolean {
  return state === 'queued' || state === 'running' || state === 'paused';
}
