/** The states of a trial. The moves between them are explained in docs/architecture.md#states-of-a-trial. */
export const trialStates = ['pending', 'running', 'complete', 'pruned', 'diverged', 'failed', 'cancelled'] as const;
export type TrialState = (typeof trialStates)[number];

/** From which states a move is legal, and to which it leads. Each move is one atomic step of the ledger. */
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

/** Returns where a move leads from a state, or undefined if it is not legal. */
export function nextTrialState(state: TrialState, move: TrialMove): TrialState | undefined {
  const { from, to } = trialMoves[move];
  return (from as readonly TrialState[]).includes(state) ? to : undefined;
}

/**
 * Returns whether a trial has its one result or its failure, or was cancelled. Only a client can move it again: it
 * invalidates a complete trial or retries a failed one.
 */
export function isSettled(state: TrialState): boolean {
  return state !== 'pending' && state !== 'running';
}
