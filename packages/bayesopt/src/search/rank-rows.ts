import { rankOutcomes } from '../pareto/front.ts';
import type { Valued } from './history.ts';
import { isFeasible, measureViolations } from './violations.ts';

/**
 * Ranks rows with several objectives: feasible ones by their front, then infeasible ones by violation (Deb et al. 2002,
 * section VI). Smaller is better; rows of one front have the same rank.
 */
export function rankRows(rows: readonly Valued[]): number[] {
  const isConstrained = rows.some(({ excess }) => excess !== undefined);
  const leading = isConstrained ? [...rows.keys()].filter((i) => isFeasible(rows[i]!)) : [...rows.keys()];
  const fronts = rankOutcomes(leading.map((i) => rows[i]!.objectives!));
  const violations = isConstrained ? measureViolations(rows) : [];
  const ranks = rows.map((_, i) => rows.length + (violations[i] ?? 0));
  leading.forEach((i, k) => (ranks[i] = fronts[k]!));
  return ranks;
}
