import type { TrialStateData } from './data.ts';

/** Returns the state of a trial as figures show it. */
export function readTrialState({
  state,
  feasible,
}: {
  readonly state: Exclude<TrialStateData, 'infeasible'>;
  readonly feasible?: boolean | null;
}): TrialStateData {
  return state === 'complete' && feasible === false ? 'infeasible' : state;
}
