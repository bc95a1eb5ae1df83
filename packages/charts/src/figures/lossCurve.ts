import { decimated, envelope, runningMean } from '../svg/decimate.ts';
import { endLabelRoom, endLabels } from '../svg/endLabels.ts';
import {
  AXIS_ROOM,
  type FigureOptions,
  type Plot,
  emptyFigure,
  figure,
  horizontalAxis,
  label,
  sizeOf,
  tickRoom,
  verticalAxis,
} from '../svg/frame.ts';
import { type Markup, element } from '../svg/markup.ts';
import { textWidth } from '../svg/metrics.ts';
import { finiteExtent, formatNumber, isFiniteNumber, quantile } from '../svg/numbers.ts';
import { type Place, bandPath, linePath } from '../svg/path.ts';
import { type Scale, linearScale } from '../svg/scale.ts';
import { seriesClass } from '../svg/theme.ts';

/** Loss of each training step of one run. */
export interface LossCurve {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

export interface LossCurveData {
  /** Best first. */
  readonly trials: readonly LossCurve[];
  readonly reference: LossCurve | null;
}

export interface LossCurveOptions extends FigureOptions {
  /** Steps that the running mean covers; a twenty-fifth of the longest curve unless told. */
  readonly window?: number;
  /** Loss above which a value counts as this (the AULC's cap); three times the first loss unless told. */
  readonly cap?: number;
}

const AXIS_NAME = 'loss on the training batch';
const TINTED = 'tinted: difference in AULC, best against backpropagation';

interface DrawnCurve {
  readonly name: string;
  readonly colour: string;
  readonly raw: readonly number[];
  readonly smooth: ArrayLike<number>;
}

/**
 * Loss per training step of the best trials and of plain backpropagation: running means, the raw losses faint behind
 * them. The area between the best trial and the reference is tinted: over the span of steps it is the difference of
 * their AULCs.
 */
export function lossCurveFigure(data: LossCurveData, options: LossCurveOptions = {}): string {
  const { width, height } = sizeOf(options, 720, 360);
  const id = options.id ?? 'loss-curve';
  const title = options.title ?? 'Loss over training';
  const curves = smoothed(data, options);
  const extent = finiteExtent(curves.flatMap(({ raw, smooth }) => shownValues(raw, smooth)));
  const steps = Math.max(1, ...curves.map(({ raw }) => raw.length));
  if (!extent) return emptyFigure(id, title, 'No loss curve to show yet.', { width, height });

  const room = endLabelRoom(
    curves.map(({ name }) => name),
    width * 0.3,
  );
  const [top, bottom] = [34, height - AXIS_ROOM];
  const y = linearScale(extent, [bottom, top], { nice: true });
  const ticks = y.ticks((bottom - top) / 55);
  const plot: Plot = { left: tickRoom(ticks), right: width - room, top, bottom };
  const x = linearScale(steps > 1 ? [1, steps] : [0, 2], [plot.left, plot.right], { integer: true });
  const drawn = curves
    .map((curve) => ({ ...curve, places: placesOf(curve.smooth, x, y), rawPlaces: placesOf(curve.raw, x, y) }))
    .filter(({ places }) => places.length);

  const inOrder = drawn.toReversed();
  const ends = drawn.map(({ name, colour, places }) => ({ name, y: places.at(-1)![1], class: colour }));
  return figure({ id, title, description: describe(curves), width, height }, [
    verticalAxis(y, ticks, plot, AXIS_NAME),
    horizontalAxis(x, plot, 'training step'),
    ...difference(drawn, data.reference !== null, plot),
    ...inOrder.map(({ colour, rawPlaces }) => rawLosses(rawPlaces, colour.split(' ')[0]!)),
    ...inOrder.map(({ colour, places }) =>
      places.length > 1
        ? element('path', { class: `line ${colour}`, d: linePath(decimated(places, 800)) })
        : dot(places[0]!, colour),
    ),
    endLabels(ends, plot.right, room, top, bottom),
  ]);
}

/** Best first, the reference last; drawn from last to first, so that the best lies on top. */
function smoothed(data: LossCurveData, options: LossCurveOptions): DrawnCurve[] {
  const named = [
    ...data.trials.map((trial, i) => ({ ...trial, colour: seriesClass(i) })),
    ...(data.reference ? [{ ...data.reference, colour: 'ref dash' }] : []),
  ];
  const longest = Math.max(0, ...named.map(({ values }) => values.length));
  const window = Math.max(1, Math.round(options.window ?? longest / 25));
  const firsts = named.map(({ values }) => Array.from(values).find((value) => Number.isFinite(value)) ?? 0);
  const cap = isFiniteNumber(options.cap) ? options.cap : 3 * Math.max(0, ...firsts) || Infinity;
  return named.map(({ name, colour, values }) => {
    // A loss that is not a number is a diverged one: it counts at the cap (property of the AULC).
    const raw = Array.from(values, (value) => (Number.isFinite(value) ? Math.min(cap, value) : cap));
    return { name, colour, raw, smooth: runningMean(raw, window) };
  });
}

/** All of the smooth line and the bulk of the raw one: single batches may leave the frame, the means never. */
function shownValues(raw: readonly number[], smooth: ArrayLike<number>): number[] {
  const sorted = raw.filter((value) => Number.isFinite(value)).toSorted((a, b) => a - b);
  return [...Array.from(smooth), quantile(sorted, 0.01), quantile(sorted, 0.99)];
}

function placesOf(values: ArrayLike<number>, x: Scale, y: Scale): Place[] {
  return Array.from(values).flatMap((value, i) =>
    Number.isFinite(value) ? [[x.place(i + 1), y.place(value)] as const] : [],
  );
}

function difference(drawn: readonly { places: readonly Place[] }[], hasReference: boolean, plot: Plot): Markup[] {
  const [best, reference] = [drawn[0], drawn.at(-1)];
  if (!hasReference || !reference || !best || drawn.length < 2) return [];
  const [ours, theirs] = [decimated(best.places, 800), decimated(reference.places, 800)];
  return [
    element('path', { class: `area ${seriesClass(0)}`, d: bandPath(theirs, ours) }),
    ...(textWidth(AXIS_NAME) + textWidth(TINTED) + 20 < plot.right
      ? [label(TINTED, plot.right, plot.top - 12, { class: 'soft', anchor: 'end' })]
      : []),
  ];
}

/** Step by step, or as a band where there are more steps than the eye could follow. */
function rawLosses(places: readonly Place[], colour: string): Markup {
  if (places.length <= 1000) return element('path', { class: `line faint ${colour}`, d: linePath(places) });
  const { upper, lower } = envelope(places, 250);
  return element('path', { class: `area ${colour}`, d: bandPath(upper, lower) });
}

function dot([cx, cy]: Place, colour: string): Markup {
  return element('circle', { class: `fill ${colour}`, cx, cy, r: 4 });
}

function describe(curves: readonly DrawnCurve[]): string {
  const told = curves.flatMap(({ name, smooth }) => {
    const values = Array.from(smooth).filter((value) => Number.isFinite(value));
    return values.length
      ? [`${name} from ${formatNumber(values[0]!)} to ${formatNumber(values.at(-1)!)} in ${values.length} steps`]
      : [];
  });
  return `Running mean of the loss: ${told.join('; ')}.`;
}
