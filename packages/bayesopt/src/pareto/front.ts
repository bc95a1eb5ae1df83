/** Values of all objectives at one point; smaller is better. */
export type Outcome = readonly number[];

/** Whether `a` is at least as good as `b` in every objective and better in one. */
export function dominates(a: Outcome, b: Outcome): boolean {
  let isBetter = false;
  for (let m = 0; m < a.length; m++) {
    if (a[m]! > b[m]!) return false;
    isBetter ||= a[m]! < b[m]!;
  }
  return isBetter;
}

/** Finds the indices of the outcomes that no other dominates, in order. Of equal ones, the first counts. */
export function findFront(outcomes: readonly Outcome[]): number[] {
  return [...outcomes.keys()].filter((i) =>
    outcomes.every((other, j) => !dominates(other, outcomes[i]!) && !(j < i && isEqual(other, outcomes[i]!))),
  );
}

function isEqual(a: Outcome, b: Outcome): boolean {
  return a.every((value, m) => value === b[m]);
}

/**
 * Sorts outcomes into fronts: rank 0 is dominated by none, rank 1 only by those of rank 0, and so on (Deb et al. 2002,
 * section III.A). Returns the rank of each.
 */
export function rankOutcomes(outcomes: readonly Outcome[]): number[] {
  const ranks = outcomes.map(() => -1);
  let left = [...outcomes.keys()];
  for (let rank = 0; left.length > 0; rank++) {
    const front = left.filter((i) => !left.some((j) => dominates(outcomes[j]!, outcomes[i]!)));
    for (const i of front) ranks[i] = rank;
    left = left.filter((i) => ranks[i] === -1);
  }
  return ranks;
}

/**
 * Measures how much space each outcome of one front has around it: the sum of the distances between its neighbors, each
 * in units of the range of that objective. The ends have Infinity (Deb et al. 2002, section III.B).
 */
export function measureCrowding(outcomes: readonly Outcome[]): number[] {
  const distances = outcomes.map(() => 0);
  const count = outcomes[0]?.length ?? 0;
  for (let m = 0; m < count; m++) {
    const order = [...outcomes.keys()].sort((i, j) => outcomes[i]![m]! - outcomes[j]![m]! || i - j);
    const at = (k: number): number => outcomes[order[k]!]![m]!;
    const range = at(order.length - 1) - at(0);
    distances[order[0]!] = Infinity;
    distances[order.at(-1)!] = Infinity;
    if (!(range > 0)) continue;
    for (let k = 1; k < order.length - 1; k++) distances[order[k]!]! += (at(k + 1) - at(k - 1)) / range;
  }
  return distances;
}
