import type { BFunctionData } from '../report/data.ts';
import { measureEndLabels, drawEndLabels } from '../svg/end-labels.ts';
import {
  AXIS_HEIGHT,
  type FigureOptions,
  type Plot,
  drawMessage,
  figure,
  drawHorizontalAxis,
  label,
  chooseSize,
  measureTicks,
  drawVerticalAxis,
} from '../svg/frame.ts';
import { type Markup, element } from '../svg/markup.ts';
import { shortenText } from '../svg/metrics.ts';
import { findExtent, formatNumber } from '../svg/numbers.ts';
import { type Place, formatLine } from '../svg/path.ts';
import { type Scale, createLinearScale } from '../svg/scale.ts';
import { chooseSeriesClass } from '../svg/theme.ts';

export interface BFunctionOptions extends FigureOptions {
  /** Number of b-functions to draw, best first; by default 3. */
  readonly count?: number;
}

/** A sampled function with its name and color class. */
interface Curve {
  readonly name: string;
  readonly color: string;
  readonly values: ArrayLike<number>;
  readonly thin: boolean;
}

/**
 * Draws the b-functions g(z) of one layer and the derivative σ′(z) that they replace. Ranges with σ′ = 0, where plain
 * backpropagation passes no error, are shaded.
 */
export function drawBFunctions(data: BFunctionData, options: BFunctionOptions = {}): string {
  const { width, height } = chooseSize(options, 720, 360);
  const id = options.id ?? 'b-function';
  const title = options.title ?? `b-functions found for ${data.layer}`;
  const curves = listCurves(data, options.count ?? 3);
  const extent = findExtent(curves.flatMap(({ values }) => Array.from(values)));
  const reach = findExtent(Array.from(data.z));
  if (!extent || !reach) return drawMessage(id, title, 'No b-function to show yet.', { width, height });

  const labelWidth = measureEndLabels(
    curves.map(({ name }) => name),
    width * 0.3,
  );
  const [top, bottom] = [34, height - AXIS_HEIGHT];
  const y = createLinearScale([Math.min(0, extent[0]), Math.max(0, extent[1])], [bottom, top], { nice: true });
  const ticks = y.ticks((bottom - top) / 55);
  const plot: Plot = { left: measureTicks(ticks), right: width - labelWidth, top, bottom };
  const x = createLinearScale(reach, [plot.left, plot.right]);
  const drawn = curves
    .map((curve) => ({ ...curve, places: placeSamples(data.z, curve.values, x, y) }))
    .filter(({ places }) => places.length);

  const ends = drawn.map(({ name, color, places }) => ({ name, y: places.at(-1)![1], class: color }));
  return figure({ id, title, description: describeBFunctions(data, curves), width, height }, [
    ...drawShades(
      data,
      drawn.flatMap(({ places }) => places),
      x,
      plot,
    ),
    drawVerticalAxis(y, ticks, plot, 'value of the derivative'),
    element('line', { class: 'axis', x1: plot.left, x2: plot.right, y1: y.place(0), y2: y.place(0) }),
    drawHorizontalAxis(x, plot, `z, the input of ${shortenText(data.layer, (plot.right - plot.left) / 2)}`),
    ...drawn
      .toReversed()
      .map(({ color, thin, places }) =>
        element('path', { class: `line ${color}${thin ? ' thin' : ''}`, d: formatLine(places) }),
      ),
    drawEndLabels(ends, { x: plot.right, labelWidth, top, bottom }),
  ]);
}

/** Best first, the replaced derivative last. They are drawn in reverse order, so that the best is on top. */
function listCurves(data: BFunctionData, count: number): Curve[] {
  return [
    ...data.found
      .slice(0, Math.max(0, count))
      .map(({ number, g }, i) => ({ name: `g, trial ${number}`, color: chooseSeriesClass(i), values: g, thin: i > 0 })),
    { name: `${data.activation}′`, color: 'ref dash', values: data.derivative, thin: false },
  ];
}

function placeSamples(z: ArrayLike<number>, values: ArrayLike<number>, x: Scale, y: Scale): Place[] {
  return Array.from(z).flatMap((at, i) =>
    Number.isFinite(at) && Number.isFinite(values[i]) ? [[x.place(at), y.place(values[i]!)] as const] : [],
  );
}

/**
 * Draws bands over the ranges with σ′ = 0 and labels the widest at a position without curves.
 *
 * @param drawn places of all curves
 */
function drawShades({ z, derivative }: BFunctionData, drawn: readonly Place[], x: Scale, plot: Plot): Markup[] {
  const runs: [from: number, to: number][] = [];
  let open = false;
  for (let i = 0; i < z.length; i++) {
    const zero = derivative[i] === 0 && Number.isFinite(z[i]);
    if (zero && open) runs.at(-1)![1] = z[i]!;
    else if (zero) runs.push([z[i]!, z[i]!]);
    open = zero;
  }
  const bands = runs
    .map(([from, to]) => ({ left: x.place(from), width: x.place(to) - x.place(from) }))
    .filter(({ width }) => width > 1);
  const widest = bands.reduce<(typeof bands)[number] | undefined>(
    (best, band) => (best && best.width >= band.width ? best : band),
    undefined,
  );
  return [
    ...bands.map(({ left, width }) =>
      element('rect', { class: 'shade', x: left, y: plot.top, width, height: plot.bottom - plot.top }),
    ),
    ...(widest && widest.width > 60 ? [labelBand(widest.left + widest.width / 2, drawn, plot)] : []),
  ];
}

function labelBand(middle: number, drawn: readonly Place[], { top, bottom }: Plot): Markup {
  const nearby = drawn.filter(([left]) => Math.abs(left - middle) < 30);
  // The middle of the text lies above its baseline.
  const clearance = (y: number): number => Math.min(...nearby.map(([, curve]) => Math.abs(curve - (y - 4))));
  const heights = Array.from({ length: 9 }, (_, i) => top + 16 + (i / 8) * (bottom - top - 26));
  const roomiest = heights.reduce((best, y) => (clearance(y) > clearance(best) ? y : best));
  return label('σ′ = 0', middle, clearance(heights[0]!) > 12 ? heights[0]! : roomiest, {
    class: 'soft',
    anchor: 'middle',
  });
}

function describeBFunctions(data: BFunctionData, curves: readonly Curve[]): string {
  const ranges = curves.flatMap(({ name, values }) => {
    const extent = findExtent(Array.from(values));
    return extent ? [`${name} from ${formatNumber(extent[0])} to ${formatNumber(extent[1])}`] : [];
  });
  return `Lines over the input z of layer ${data.layer}: ${ranges.join('; ')}.`;
}
