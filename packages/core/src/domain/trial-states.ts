/**
 * The life of a trial. Each move is one atomic step of the ledger and legal only from the states listed for it.
 *
 * | move       | from            | to        | by                                                               |
 * | ---------- | --------------- | --------- | ---------------------------------------------------------------- |
 * | create     | (new)           | pending   | coordinator, fenced                                              |
 * | start      | pending         | running   | executor, with a new attempt id                                  |
 * | revive     | pending         | running   | heartbeat of the attempt that expired last, before another start |
 * | complete   | running pending | complete  | tell; from pending only by the attempt that expired last         |
 * | diverge    | running pending | diverged  | tell, the same                                                   |
 * | prune      | running pending | pruned    | tell, the same                                                   |
 * | release    | running         | pending   | executor, preempted: not a failure                               |
 * | retry      | running         | pending   | fail or expire, with attempts left                               |
 * | fail       | running pending | failed    | fail or expire, without attempts left; too many preemptions      |
 * | cancel     | pending running | cancelled | with its job                                                     |
 * | invalidate | complete        | cancelled | client; the budget gets one back                                 |
 * | replace    | failed          | cancelled | client's retry: the budget gets one back, its point waits again  |
 */
export const trialStates = ['pending', 'running', 'complete', 'pruned', 'diverged', 'failed', 'cancelled'] as const;
export type TrialState = (typeof trialStates)[number];

export const trialMoves = {
  start: { from: ['pending'], to: 'running' },
  revive: { from: ['pending'], to: 'running' },
  complete: { from: ['running', 'pending'], to: 'complete' },
  diverge: { from: ['running', 'pending'], to: 'diverged' },
  prune: { from: ['running', 'pending'], to: 'pruned' },
  release: { from: ['running'], to: 'pending' },
  retry: { from: ['running'], to: 'pending' },
  fail: { from: ['running', 'pending'], to: 'failed' },
  cancel: { from: ['pending', 'running'], to: 'cancelled' },
  invalidate: { from: ['complete'], to: 'cancelled' },
  replace: { from: ['failed'], to: 'cancelled' },
} as const satisfies Record<string, { from: readonly TrialState[]; to: TrialState }>;
export type TrialMove = keyof typeof trialMoves;

/** Where `move` leads from `state`, or undefined where it is not legal. */
export function nextTrialState(state: TrialState, move: TrialMove): TrialState | undefined {
  const { from, to } = trialMoves[move];
  return (from as readonly TrialState[]).includes(state) ? to : undefined;
}

/** The trial has its one result, or its failure, and will not move again (except to be invalidated). */
export function isSettled(state: TrialState): boolean {
  return state !== 'pending' && state !== 'running';
}
