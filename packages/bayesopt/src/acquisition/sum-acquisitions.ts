import type { Acquisition } from './scenario-improvement.ts';

/** Creates the sum of acquisitions, which are logarithms: that of their product. At least one. */
export function sumAcquisitions(parts: readonly Acquisition[]): Acquisition {
  const [first, ...others] = parts;
  if (others.length === 0) return first!;
  return {
    evaluate(points) {
      const sums = first!.evaluate(points);
      for (const other of others) other.evaluate(points).forEach((value, i) => (sums[i]! += value));
      return sums;
    },
    evaluateWithGradient(x, gradient) {
      let sum = first!.evaluateWithGradient(x, gradient);
      const slope = new Float64Array(x.length);
      for (const other of others) {
        sum += other.evaluateWithGradient(x, slope);
        for (let a = 0; a < x.length; a++) gradient[a]! += slope[a]!;
      }
      return sum;
    },
  };
}
