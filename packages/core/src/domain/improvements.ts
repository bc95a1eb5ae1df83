import type { Improvement } from './job-record.ts';

/** Improvements that a job record keeps, at most. */
export const MAX_IMPROVEMENTS = 32;

/**
 * Adds a new best value. Beyond `MAX_IMPROVEMENTS`, the improvement that changes the picture least is left out, never
 * the first or the last.
 */
export function addImprovement(improvements: readonly Improvement[], improvement: Improvement): Improvement[] {
  const longer = [...improvements, improvement];
  if (longer.length <= MAX_IMPROVEMENTS) return longer;
  const gains = longer.slice(1, -1).map(([, value], i) => Math.abs(value - longer[i]![1]));
  longer.splice(1 + gains.indexOf(Math.min(...gains)), 1);
  return longer;
}
