import type { TrialState } from './trial-states.ts';

interface Valued {
  state: TrialState;
  value: number | null;
}

/**
 * Compares trials by value. In both orders, measured values come first; then the values of pruned trials, which are
 * bounds, and of invalidated ones; then trials without a value.
 */
export function compareTrialValues(a: Valued, b: Valued, order: 'ascending' | 'descending'): number {
  if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
  return Number(!isMeasured(a)) - Number(!isMeasured(b)) || (a.value - b.value) * (order === 'ascending' ? 1 : -1);
}

function isMeasured({ state }: Valued): boolean {
  return state === 'complete' || state === 'diverged';
}
