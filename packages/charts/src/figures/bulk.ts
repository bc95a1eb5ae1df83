import type { MetricData } from '../report/data.ts';
import { computeQuantile, findExtent, sortNumbers } from '../text/numbers.ts';

/**
 * Returns the interval that a value axis shows: all good values, `also` if given, and bad ones up to three
 * interquartile ranges beyond the worse quartile. Values beyond it are drawn on the border.
 *
 * @returns null without a finite value
 */
export function computeBulkExtent(
  values: readonly (number | null)[],
  direction: MetricData['direction'],
  also: number | null,
): [low: number, high: number] | null {
  const sorted = sortNumbers(values);
  if (!sorted.length) return null;
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const [q1, q3] = [computeQuantile(sorted, 0.25), computeQuantile(sorted, 0.75)];
  const fence = 3 * (q3 - q1) || Infinity;
  const bounds: [number, number] =
    direction === 'minimize' ? [low, Math.min(high, q3 + fence)] : [Math.max(low, q1 - fence), high];
  return findExtent([...bounds, also]);
}
