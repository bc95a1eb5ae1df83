const WIDTH = 96;
const HEIGHT = 20;

export type SparkPoint = readonly [x: number, y: number];

/** A line of the size of a word that shows how a value has changed. The value itself is written next to it. */
export function Sparkline({ points }: { readonly points: readonly SparkPoint[] }): React.JSX.Element {
  const [left, right] = [points[0]![0], points.at(-1)![0]];
  const values = points.map(([, y]) => y);
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const place = ([x, y]: SparkPoint): string => {
    const across = 1 + ((x - left) / (right - left || 1)) * (WIDTH - 2);
    return `${across.toFixed(1)},${(1 + (1 - (y - low) / span) * (HEIGHT - 2)).toFixed(1)}`;
  };
  return (
    <svg className="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true">
      <polyline points={points.map(place).join(' ')} />
    </svg>
  );
}

/** Makes a line of steps from improvements: the best value is kept until the next one. */
export function listSteps(improvements: readonly SparkPoint[], settled: number): SparkPoint[] {
  const steps: SparkPoint[] = [];
  for (const [x, y] of improvements) {
    const before = steps.at(-1);
    if (before) steps.push([x, before[1]]);
    steps.push([x, y]);
  }
  const last = steps.at(-1);
  if (last && last[0] < settled) steps.push([settled, last[1]]);
  return steps;
}
