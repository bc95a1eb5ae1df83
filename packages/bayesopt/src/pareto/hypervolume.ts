import { findFront, type Outcome } from './front.ts';

/** A box in the space of two or three objectives; `lower` can be −Infinity. */
export interface OutcomeBox {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** Keeps the outcomes that are better than the reference in every objective and not dominated. */
export function keepFront(outcomes: readonly Outcome[], reference: Outcome): Outcome[] {
  const inside = outcomes.filter((outcome) => outcome.every((value, m) => value < reference[m]!));
  return findFront(inside).map((i) => inside[i]!);
}

/**
 * Computes the volume that outcomes dominate up to the reference point (Zitzler & Thiele 1999). Smaller is better in
 * every objective; outcomes that are not better than the reference everywhere add nothing.
 */
export function computeHypervolume(outcomes: readonly Outcome[], reference: Outcome): number {
  const front = keepFront(outcomes, reference);
  if (reference.length === 2) return measureArea(front, reference);
  let volume = 0;
  const sorted = front.toSorted((a, b) => a[2]! - b[2]!);
  sorted.forEach((outcome, k) => {
    const depth = (sorted[k + 1]?.[2] ?? reference[2]!) - outcome[2]!;
    if (depth > 0) volume += depth * measureArea(sorted.slice(0, k + 1), reference);
  });
  return volume;
}

/** Measures the area that the first two objectives dominate. */
function measureArea(outcomes: readonly Outcome[], reference: Outcome): number {
  let area = 0;
  let height = reference[1]!;
  for (const [x, y] of outcomes.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)) {
    if (y! >= height) continue;
    area += (reference[0]! - x!) * (height - y!);
    height = y!;
  }
  return area;
}

/**
 * Divides the part of the space below the reference that the outcomes do not dominate into boxes: strips between
 * neighbors on the front for two objectives (Emmerich, Deutz & Klinkenberg 2011), and strips of slabs for three.
 */
export function divideNondominated(outcomes: readonly Outcome[], reference: Outcome): OutcomeBox[] {
  const front = keepFront(outcomes, reference);
  if (reference.length === 2) return divideIntoStrips(front, reference);
  const sorted = front.toSorted((a, b) => a[2]! - b[2]!);
  const boxes: OutcomeBox[] = [];
  for (let k = -1; k < sorted.length; k++) {
    const from = sorted[k]?.[2] ?? -Infinity;
    const to = sorted[k + 1]?.[2] ?? reference[2]!;
    if (!(to > from)) continue;
    for (const { lower, upper } of divideIntoStrips(sorted.slice(0, k + 1), reference))
      boxes.push({ lower: [...lower, from], upper: [...upper, to] });
  }
  return boxes;
}

/** Divides by the first two objectives. */
function divideIntoStrips(outcomes: readonly Outcome[], [right, top]: Outcome): OutcomeBox[] {
  const pairs = outcomes.map(([x, y]) => [x!, y!] as const);
  const stairs = findFront(pairs)
    .map((i) => pairs[i]!)
    .sort((a, b) => a[0] - b[0]);
  return [-1, ...stairs.keys()].map((k) => ({
    lower: [stairs[k]?.[0] ?? -Infinity, -Infinity],
    upper: [stairs[k + 1]?.[0] ?? right!, stairs[k]?.[1] ?? top!],
  }));
}
