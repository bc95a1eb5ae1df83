/** Values with mean 0 and standard deviation 1, or all 0 if they are equal. */
export interface Standardized {
  readonly values: Float64Array;
  readonly mean: number;
  readonly deviation: number;
}

export function standardize(values: Float64Array): Standardized {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0);
  const root = Math.sqrt(variance);
  const deviation = root > 0 && Number.isFinite(root) ? root : 1;
  return { values: values.map((value) => (value - mean) / deviation), mean, deviation };
}
