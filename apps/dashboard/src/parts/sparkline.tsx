const WIDTH = 96;
const HEIGHT = 20;

/** A line of the size of a word that shows how a value has changed. The value itself is written next to it. */
export function Sparkline({ values }: { readonly values: readonly number[] }): React.JSX.Element {
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const x = (i: number): number => 1 + (i * (WIDTH - 2)) / Math.max(1, values.length - 1);
  const y = (value: number): number => 1 + (1 - (value - low) / span) * (HEIGHT - 2);
  return (
    <svg className="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true">
      <polyline points={values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ')} />
    </svg>
  );
}
