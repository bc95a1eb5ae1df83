/** A label whose preferred middle is `at`, along one axis. */
export interface Wish {
  readonly at: number;
}

/**
 * Moves labels apart along one axis so that neighbors are at least `distance` apart and all stay within [low, high],
 * each as near to its wish as the others allow (equal-weight isotonic regression of the wishes less their spacing).
 * When there is not enough space for all, the distance shrinks.
 *
 * @returns a place for each label, in the order given
 */
export function spreadLabels(labels: readonly Wish[], distance: number, low: number, high: number): number[] {
  const order = labels.map((_, i) => i).sort((a, b) => labels[a]!.at - labels[b]!.at || a - b);
  const step = labels.length > 1 ? Math.min(distance, (high - low) / (labels.length - 1)) : 0;
  const space = high - low - step * Math.max(0, labels.length - 1);
  const blocks: { sum: number; count: number }[] = [];
  order.forEach((index, rank) => {
    blocks.push({ sum: labels[index]!.at - rank * step, count: 1 });
    while (blocks.length > 1 && computeMean(blocks.at(-2)!) > computeMean(blocks.at(-1)!)) {
      const last = blocks.pop()!;
      const before = blocks.at(-1)!;
      before.sum += last.sum;
      before.count += last.count;
    }
  });
  const placed = blocks.flatMap((block) =>
    Array<number>(block.count).fill(Math.min(low + space, Math.max(low, computeMean(block)))),
  );
  const result = Array<number>(labels.length);
  order.forEach((index, rank) => (result[index] = placed[rank]! + rank * step));
  return result;
}

function computeMean(block: { sum: number; count: number }): number {
  return block.sum / block.count;
}
