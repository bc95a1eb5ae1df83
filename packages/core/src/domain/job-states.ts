/**
 * The life of a job. A move is allowed only from the states listed for it.
 *
 * | move     | from                  | to        | by                                                         |
 * | -------- | --------------------- | --------- | ---------------------------------------------------------- |
 * | start    | queued                | running   | coordinator, when it first leads the job                   |
 * | pause    | running               | paused    | client; create and start are refused                       |
 * | resume   | paused                | running   | client                                                     |
 * | complete | running               | completed | coordinator, search over and points confirmed; or deadline |
 * | exhaust  | running               | exhausted | coordinator, a finite space has no unseen point            |
 * | fail     | running               | failed    | ledger, too many failed trials; or deadline, none complete |
 * | cancel   | queued running paused | cancelled | client; terminal at once                                   |
 * | extend   | completed exhausted   | running   | client, with a larger or a remaining budget                |
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

/** Returns the state after `move`; undefined if `state` does not allow it. */
export function nextJobState(state: JobState, move: JobMove): JobState | undefined {
  const { from, to } = jobMoves[move];
  return (from as readonly JobState[]).includes(state) ? to : undefined;
}

/** Returns whether a coordinator has work to do for a job in this state. */
export function isActive(state: JobState): boolean {
  return state === 'queued' || state === 'running' || state === 'paused';
}
