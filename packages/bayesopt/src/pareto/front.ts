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

/**
 * Finds the indices of the outcomes that no other dominates, in order. Of equal ones, the first counts. For two
 * objectives, the front is a staircase: each step is lower than the one before.
 */
export function findFront(outcomes: readonly Outcome[]): number[] {
  const front: number[] = [];
  for (const i of sortOutcomes(outcomes)) {
    const compared = outcomes[i]!.length === 2 ? front.slice(-1) : front;
    if (!compared.some((j) => isAsGood(outcomes[j]!, outcomes[i]!))) front.push(i);
  }
  return front.sort((i, j) => i - j);
}

/** Sorts the indices by the first objective, then the others: no outcome dominates one before it. */
function sortOutcomes(outcomes: readonly Outcome[]): number[] {
  return [...outcomes.keys()].sort((i, j) => compareOutcomes(outcomes[i]!, outcomes[j]!) || i - j);
}

function compareOutcomes(a: Outcome, b: Outcome): number {
  for (let m = 0; m < a.length; m++) if (a[m] !== b[m]) return a[m]! - b[m]!;
  return 0;
}

/** Whether `a` is at least as good as `b` in every objective. */
function isAsGood(a: Outcome, b: Outcome): boolean {
  for (let m = 0; m < a.length; m++) if (a[m]! > b[m]!) return false;
  return true;
}

/**
 * Sorts outcomes into fronts: rank 0 is dominated by none, rank 1 only by those of rank 0, and so on (Deb et al. 2002,
 * section III.A). Returns the rank of each.
 */
export function rankOutcomes(outcomes: readonly Outcome[]): number[] {
  const ranks = outcomes.map(() => -1);
  const fronts: Outcome[][] = [];
  for (const i of sortOutcomes(outcomes)) {
    const rank = findRank(fronts, outcomes[i]!);
    ranks[i] = rank;
    (fronts[rank] ??= []).push(outcomes[i]!);
  }
  return ranks;
}

/** Finds the first front that does not dominate an outcome, by bisection (Zhang, Tian, Cheng & Jin 2015, ENS-BS). */
function findRank(fronts: readonly (readonly Outcome[])[], outcome: Outcome): number {
  let [low, high] = [0, fronts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isDominated(fronts[middle]!, outcome)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether one of a front, in the order of `sortOutcomes`, dominates an outcome that comes after it. */
function isDominated(front: readonly Outcome[], outcome: Outcome): boolean {
  if (outcome.length === 2) return dominates(front.at(-1)!, outcome);
  for (let k = front.length - 1; k >= 0; k--) if (dominates(front[k]!, outcome)) return true;
  return false;
}

/**
 * Chooses outcomes of one front so that those with the least space around them are left out. Their neighbors then have
 * more, so that space is measured again before these are left out. Returns indices in order.
 */
export function thinFront(outcomes: readonly Outcome[], most: number): number[] {
  let kept = [...outcomes.keys()];
  while (kept.length > most) {
    const crowded = chooseCrowded(
      kept.map((i) => outcomes[i]!),
      Math.min(kept.length - most, Math.ceil(kept.length / 4)),
    );
    kept = kept.filter((_, k) => !crowded.has(k));
  }
  return kept;
}

/** Chooses up to `count` outcomes with the least space around them, at least one, no two neighbors and no ends. */
function chooseCrowded(outcomes: readonly Outcome[], count: number): Set<number> {
  const crowding = measureCrowding(outcomes);
  const neighbors = outcomes.map((): number[] => []);
  for (let m = 0; m < outcomes[0]!.length; m++) {
    const order = sortByObjective(outcomes, m);
    order.forEach((i, k) => neighbors[i]!.push(...order.slice(k > 0 ? k - 1 : 1, k + 2)));
  }
  const chosen = new Set<number>();
  const left = [...outcomes.keys()].sort((i, j) => compareCrowding(crowding[j]!, crowding[i]!) || i - j);
  for (const i of left) {
    if (chosen.size === count || (chosen.size > 0 && crowding[i] === Infinity)) break;
    if (!neighbors[i]!.some((j) => chosen.has(j))) chosen.add(i);
  }
  return chosen;
}

function sortByObjective(outcomes: readonly Outcome[], m: number): number[] {
  return [...outcomes.keys()].sort((i, j) => outcomes[i]![m]! - outcomes[j]![m]! || i - j);
}

/** Compares two of `measureCrowding`, the one with more space first. */
export function compareCrowding(a: number, b: number): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}

/**
 * Measures how much space each outcome of one front has around it: the sum of the distances between its neighbors, each
 * in units of the range of that objective. The ends have Infinity (Deb et al. 2002, section III.B).
 */
export function measureCrowding(outcomes: readonly Outcome[]): number[] {
  const distances = outcomes.map(() => 0);
  const count = outcomes[0]?.length ?? 0;
  for (let m = 0; m < count; m++) {
    const order = sortByObjective(outcomes, m);
    const at = (k: number): number => outcomes[order[k]!]![m]!;
    const range = at(order.length - 1) - at(0);
    distances[order[0]!] = Infinity;
    distances[order.at(-1)!] = Infinity;
    if (!(range > 0)) continue;
    for (let k = 1; k < order.length - 1; k++) distances[order[k]!]! += (at(k + 1) - at(k - 1)) / range;
  }
  return distances;
}
