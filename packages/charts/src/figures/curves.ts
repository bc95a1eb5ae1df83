import type { CurveMeaning } from '../report/data.ts';
import { decimatePlaces, computeEnvelope, computeRunningMean } from '../svg/decimate.ts';
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
import { drawMarker, mergeClose } from '../svg/markers.ts';
import { type Markup, element } from '../svg/markup.ts';
import { measureText } from '../svg/metrics.ts';
import { findExtent, formatNumber, computeQuantile } from '../svg/numbers.ts';
import { type Place, formatBand, formatLine } from '../svg/path.ts';
import { type Scale, createLinearScale } from '../svg/scale.ts';
import { chooseSeriesClass } from '../svg/theme.ts';

/** One value per step of one run. */
export interface Curve {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

export interface CurvesData {
  readonly meaning: CurveMeaning;
  /** Best first. */
  readonly trials: readonly Curve[];
  readonly reference: Curve | null;
}

export interface CurvesOptions extends FigureOptions {
  /** Number of steps in the running mean of losses; by default 1/25 of the longest curve. */
  readonly window?: number;
}

interface DrawnCurve {
  readonly name: string;
  readonly color: string;
  /** NaN if there is no value to draw. */
  readonly raw: readonly number[];
  /** What the line shows: the running mean of losses, or the values. */
  readonly line: ArrayLike<number>;
  /** Indices of values above the cap. */
  readonly capped: readonly number[];
}

interface PlacedCurve extends DrawnCurve {
  readonly places: readonly Place[];
  readonly rawPlaces: readonly Place[];
}

/**
 * Draws one value per step for the best trials and for the reference.
 *
 * - Training losses: running means, with the single losses faint behind them. Losses above the cap count as the cap in
 *   the metric; they are drawn there and marked as clipped. If the metric is the area under the curve, the area between
 *   the best trial and the reference is tinted.
 * - Values reported by a program: as they are, without a mean and without a cap.
 */
export function drawCurves(data: CurvesData, options: CurvesOptions = {}): string {
  const { width, height } = chooseSize(options, 720, 360);
  const { meaning } = data;
  const isLoss = meaning.cap !== null;
  const id = options.id ?? 'curves';
  const title = options.title ?? (isLoss ? 'Loss over training' : 'Reported values by step');
  const curves = prepareCurves(data, options.window);
  const extent = findExtent(curves.flatMap(({ raw, line }) => listShownValues(raw, line)));
  const steps = Math.max(1, ...curves.map(({ raw }) => raw.length));
  const missing = isLoss ? 'No loss curve to show yet.' : 'No reported value to show yet.';
  if (!extent) return drawMessage(id, title, missing, { width, height });

  const labelWidth = measureEndLabels(
    curves.map(({ name }) => name),
    width * 0.3,
  );
  const [top, bottom] = [34, height - AXIS_HEIGHT];
  const y = createLinearScale(extent, [bottom, top], { nice: true });
  const ticks = y.ticks((bottom - top) / 55);
  const plot: Plot = { left: measureTicks(ticks), right: width - labelWidth, top, bottom };
  const x = createLinearScale(steps > 1 ? [1, steps] : [0, 2], [plot.left, plot.right], { integer: true });
  const drawn = curves
    .map((curve) => ({ ...curve, places: placeValues(curve.line, x, y), rawPlaces: placeValues(curve.raw, x, y) }))
    .filter(({ places }) => places.length);

  const inOrder = drawn.toReversed();
  const clipped = inOrder.flatMap((curve) => drawClipped(curve, x, y));
  const axis = clipped.length ? `${meaning.quantity} (triangles: beyond the scale)` : meaning.quantity;
  const ends = drawn.map(({ name, color, places }) => ({ name, y: places.at(-1)![1], class: color }));
  return figure({ id, title, description: describeCurves(meaning, curves), width, height }, [
    drawVerticalAxis(y, ticks, plot, axis),
    drawHorizontalAxis(x, plot, isLoss ? 'training step' : 'step'),
    ...(meaning.isArea && data.reference ? tintDifference(drawn, axis, plot) : []),
    ...(isLoss ? inOrder.map(({ color, rawPlaces }) => drawSingleLosses(rawPlaces, color.split(' ')[0]!)) : []),
    ...inOrder.map(({ color, places }) => drawLine(places, color)),
    ...clipped,
    drawEndLabels(ends, { x: plot.right, labelWidth, top, bottom }),
  ]);
}

/** Best first, the reference last. They are drawn from last to first, so that the best lies on top. */
function prepareCurves({ trials, reference, meaning: { cap } }: CurvesData, asked: number | undefined): DrawnCurve[] {
  const named = trials.map((trial, i) => ({ ...trial, color: chooseSeriesClass(i) }));
  if (reference) named.push({ ...reference, color: 'ref dash' });
  const longest = Math.max(0, ...named.map(({ values }) => values.length));
  const window = Math.max(1, Math.round(asked ?? longest / 25));
  return named.map(({ name, color, values }) => {
    if (cap === null) {
      const raw = Array.from(values, (value) => (Number.isFinite(value) ? value : Number.NaN));
      return { name, color, raw, line: raw, capped: [] };
    }
    // A loss that is not a number is a diverged one, which counts as the cap.
    const raw = Array.from(values, (value) => (value <= cap ? value : cap));
    const capped = Array.from(values, (value, i) => (value <= cap ? -1 : i)).filter((i) => i >= 0);
    return { name, color, raw, line: computeRunningMean(raw, window), capped };
  });
}

/** Extent of the whole line and of the bulk of the single losses. A single batch may leave the frame, not a mean. */
function listShownValues(raw: readonly number[], line: ArrayLike<number>): number[] {
  const sorted = raw.filter((value) => Number.isFinite(value)).toSorted((a, b) => a - b);
  return [...Array.from(line), computeQuantile(sorted, 0.01), computeQuantile(sorted, 0.99)];
}

function placeValues(values: ArrayLike<number>, x: Scale, y: Scale): Place[] {
  return Array.from(values).flatMap((value, i) =>
    Number.isFinite(value) ? [[x.place(i + 1), y.place(value)] as const] : [],
  );
}

/** Draws triangles at values that are outside the frame. */
function drawClipped({ raw, capped, color }: DrawnCurve, x: Scale, y: Scale): Markup[] {
  const [low, high] = y.domain;
  const above = new Set(capped);
  raw.forEach((value, i) => value > high && above.add(i));
  const below = raw.flatMap((value, i) => (value < low ? [i] : []));
  const place = (i: number): Place => [x.place(i + 1), y.place(raw[i]!)];
  const series = color.split(' ')[0]!;
  return [
    ...mergeClose([...above].map(place)).map((at) => drawMarker('triangle', at, series)),
    ...mergeClose(below.map(place)).map((at) => drawMarker('triangle-down', at, series)),
  ];
}

function tintDifference(drawn: readonly PlacedCurve[], axis: string, plot: Plot): Markup[] {
  const [best, reference] = [drawn[0], drawn.at(-1)];
  if (!reference || !best || drawn.length < 2) return [];
  const [ours, theirs] = [decimatePlaces(best.places, 800), decimatePlaces(reference.places, 800)];
  const area = element('path', { class: `area ${chooseSeriesClass(0)}`, d: formatBand(theirs, ours) });
  const tinted = `tinted: difference in AULC, best against ${reference.name}`;
  if (measureText(axis) + measureText(tinted) + 20 >= plot.right) return [area];
  return [area, label(tinted, plot.right, plot.top - 12, { class: 'soft', anchor: 'end' })];
}

/** Draws each step, or a band if there are too many steps to see. */
function drawSingleLosses(places: readonly Place[], color: string): Markup {
  if (places.length <= 1000) return element('path', { class: `line faint ${color}`, d: formatLine(places) });
  const { upper, lower } = computeEnvelope(places, 250);
  return element('path', { class: `area ${color}`, d: formatBand(upper, lower) });
}

function drawLine(places: readonly Place[], color: string): Markup {
  if (places.length > 1) return element('path', { class: `line ${color}`, d: formatLine(decimatePlaces(places, 800)) });
  const [cx, cy] = places[0]!;
  return element('circle', { class: `fill ${color}`, cx, cy, r: 4 });
}

function describeCurves({ quantity, cap }: CurveMeaning, curves: readonly DrawnCurve[]): string {
  const ranges = curves.flatMap(({ name, line }) => {
    const values = Array.from(line).filter((value) => Number.isFinite(value));
    if (!values.length) return [];
    return [`${name} from ${formatNumber(values[0]!)} to ${formatNumber(values.at(-1)!)} in ${values.length} steps`];
  });
  return `${cap === null ? quantity : 'Running mean of the loss'}: ${ranges.join('; ')}.`;
}
