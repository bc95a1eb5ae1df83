/** Returns the mean of each metric that all networks have. */
export function averageMetrics(each: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const [first, ...others] = each;
  if (!others.length) return { ...first };
  const shared = Object.keys(first!).filter((name) => others.every((metrics) => Object.hasOwn(metrics, name)));
  return Object.fromEntries(shared.map((name) => [name, average(each.map((metrics) => metrics[name]!))]));
}

/** Returns the mean loss of each step, up to the first step at which a network has none. */
export function averageCurves(curves: readonly (readonly number[])[]): readonly number[] {
  if (curves.length === 1) return curves[0]!;
  const length = curves.reduce((least, curve) => Math.min(least, curve.length), Infinity);
  return Array.from({ length }, (_, step) => average(curves.map((curve) => curve[step]!)));
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
