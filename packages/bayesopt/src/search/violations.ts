import type { Valued } from './history.ts';

/** Whether a trial is known to fulfill every measured constraint. */
export function isFeasible({ excess }: Pick<Valued, 'excess'>): boolean {
  return excess !== undefined && excess.every((value) => value <= 0);
}

/**
 * Measures how far each row is from fulfilling the measured constraints: the sum of what it exceeds, each in units of
 * the median excess of that constraint. 0 is feasible. Rows without measurements have one more than the largest sum.
 */
export function measureViolations(rows: readonly Pick<Valued, 'excess'>[]): number[] {
  const scales = measureScales(rows);
  const sums = rows.map(({ excess }) =>
    excess?.reduce((sum, value, c) => sum + Math.min(Math.max(0, value / scales[c]!), LARGEST), 0),
  );
  const most = sums.reduce<number>((largest, sum) => Math.max(largest, sum ?? 0), 0);
  return sums.map((sum) => sum ?? most + 1);
}

/** Largest share of a violation; sums of them stay finite and exact enough to compare. */
const LARGEST = 1e12;

/** Returns the median of the positive values of each constraint; 1 if there are none. */
function measureScales(rows: readonly Pick<Valued, 'excess'>[]): number[] {
  const count = rows.reduce((most, { excess }) => Math.max(most, excess?.length ?? 0), 0);
  return Array.from({ length: count }, (_, c) => {
    const violated = rows.flatMap(({ excess }) => (excess && excess[c]! > 0 ? [excess[c]!] : []));
    return violated.sort((a, b) => a - b)[violated.length >> 1] ?? 1;
  });
}

/**
 * Gives every infeasible row the worst feasible value plus its violation, so that the order by value is that of Deb's
 * rules: feasible before infeasible, feasible ones by value, infeasible ones by violation (Deb 2000, "An efficient
 * constraint handling method for genetic algorithms", eq. 4). While nothing is feasible, the values are violations.
 */
export function penalizeViolations(rows: readonly Valued[]): Valued[] {
  const worst = rows.reduce((most, row) => (isFeasible(row) ? Math.max(most, row.value) : most), -Infinity);
  const from = worst === -Infinity ? 0 : worst;
  const violations = measureViolations(rows);
  return rows.map((row, i) => {
    if (isFeasible(row)) return row;
    // Next to a large value, a small violation would be lost.
    const value = Math.max(from + violations[i]!, from + Math.abs(from) * Number.EPSILON * (1 + violations[i]!));
    return { ...row, value };
  });
}
