/** A job that wants more slots than it has. */
export interface Claim {
  jobId: string;
  priority: number;
  /** Slots that its trials use. */
  using: number;
  /** Further slots that it wants now. */
  wanted: number;
}

/**
 * Shares free slots among jobs: those with a higher priority get all that they want before any other. Among jobs of one
 * priority, each slot goes to the job that uses the fewest then, the first claim if several do (max-min fairness).
 *
 * @returns the jobs that get a slot, in the order of their priority, with the number of their slots
 */
export function shareSlots(free: number, claims: readonly Claim[]): Map<string, number> {
  const shares = new Map<string, number>();
  const byPriority = Map.groupBy(claims, ({ priority }) => priority);
  let left = free;
  for (const [, group] of [...byPriority].sort(([a], [b]) => b - a)) {
    if (left <= 0) break;
    left -= shareEqually(left, group, shares);
  }
  return shares;
}

/** Shares the slots among claims of one priority. Returns how many they got. */
function shareEqually(free: number, claims: readonly Claim[], shares: Map<string, number>): number {
  const wanted = claims.reduce((sum, claim) => sum + claim.wanted, 0);
  const level = wanted <= free ? Infinity : findLevel(free, claims);
  let given = 0;
  const give = (claim: Claim, upTo: number): void => {
    const has = shares.get(claim.jobId) ?? 0;
    const more = Math.min(free - given, claim.wanted - has, upTo - claim.using - has);
    if (more <= 0) return;
    shares.set(claim.jobId, has + more);
    given += more;
  };
  for (const claim of claims) give(claim, level);
  // What is left is less than one slot for each job at the level.
  if (given < free && level < Infinity) for (const claim of claims) give(claim, level + 1);
  return given;
}

/** Returns the largest number of slots up to which all claims can be filled with the free ones. */
function findLevel(free: number, claims: readonly Claim[]): number {
  const needed = (level: number): number =>
    claims.reduce((sum, { using, wanted }) => sum + Math.min(wanted, Math.max(0, level - using)), 0);
  let low = 0;
  let high = claims.reduce((max, { using, wanted }) => Math.max(max, using + wanted), 0);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (needed(middle) <= free) low = middle;
    else high = middle - 1;
  }
  return low;
}
