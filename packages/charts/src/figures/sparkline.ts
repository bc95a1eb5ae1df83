import { decimatePlaces } from '../svg/decimate.ts';
import { element, text } from '../svg/markup.ts';
import { findExtent, formatNumber } from '../svg/numbers.ts';
import { type Place, formatLine } from '../svg/path.ts';
import { createLinearScale } from '../svg/scale.ts';

export interface SparklineOptions {
  /** Size in CSS pixels; by default 96 × 24. */
  readonly width?: number;
  readonly height?: number;
  readonly title?: string;
}

/** Draws a line of the size of a word, in the color of the surrounding text, with a dot at its latest value. */
export function drawSparkline(values: ArrayLike<number>, options: SparklineOptions = {}): string {
  const { width = 96, height = 24 } = options;
  const finite = Array.from(values).flatMap((value, i) => (Number.isFinite(value) ? [{ value, i }] : []));
  const extent = findExtent(finite.map(({ value }) => value));
  const title =
    options.title ??
    (extent ? `from ${formatNumber(finite[0]!.value)} to ${formatNumber(finite.at(-1)!.value)}` : 'no values');
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    role: 'img',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    'aria-label': title,
  };
  if (!extent) return element('svg', root, [element('title', {}, [text(title)])]);

  const x = createLinearScale([0, Math.max(1, values.length - 1)], [3, width - 4]);
  const y = createLinearScale(extent, [height - 4, 4]);
  const places: Place[] = finite.map(({ value, i }) => [x.place(i), y.place(value)]);
  const [cx, cy] = places.at(-1)!;
  return element('svg', root, [
    element('title', {}, [text(title)]),
    element('path', {
      d: formatLine(decimatePlaces(places, width * 4)),
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.5,
      'stroke-linejoin': 'round',
    }),
    element('circle', { cx, cy, r: 2.5, fill: 'currentColor' }),
  ]);
}
