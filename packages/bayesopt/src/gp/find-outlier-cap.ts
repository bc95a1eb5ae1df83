/** Number of values that determine the scale. */
const EARLIEST = 20;
/** Distance from the best value, in units of the scale, from which a value is an outlier. */
const OUTLIER_FROM = 1000;

/**
 * Returns the largest value that is not an outlier, or Infinity if there are none. A penalty such as 1e12 would
 * otherwise hide all differences between ordinary values.
 *
 * The scale is the median distance of the earliest values from the best one. If more than half of them are outliers, it
 * is the lower quartile. A value more than 1000 scales above the best one is an outlier.
 *
 * @param values finite, smaller is better, in order of their trials
 */
export function findOutlierCap(values: Float64Array): number {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const scale = measureEarlyScale(values.slice(0, EARLIEST), low);
  if (!(scale > 0)) return Infinity;
  const limit = low + OUTLIER_FROM * scale;
  const ordinary = values.filter((value) => value <= limit);
  return ordinary.length === values.length ? Infinity : ordinary.reduce((most, value) => Math.max(most, value));
}

function measureEarlyScale(early: Float64Array, low: number): number {
  const distances = early.map((value) => value - low).sort();
  const median = distances[Math.floor(distances.length / 2)]!;
  const quartile = distances[Math.floor(distances.length / 4)]!;
  return quartile > 0 && median > OUTLIER_FROM * quartile ? quartile : median;
}
