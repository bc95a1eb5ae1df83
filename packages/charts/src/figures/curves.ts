import type { SeriesOption } from 'echarts';
import type { CurveMeaning } from '../report/data.ts';
import { computeQuantile, findExtent, formatNumber, formatPlural } from '../text/numbers.ts';
import { canUseLog, chooseExtent, createXAxis, createYAxis, type Extent, limitSize } from './axis.ts';
import { createAxisTip } from './b-functions.ts';
import { type Band, computeEnvelope, computeRunningMean } from './decimate.ts';
import { createMessage, type Figure, type FigureTable, type Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, lineIcons, measureTop } from './layout.ts';
import { chooseLineType, createBand, createLine, type LineType } from './lines.ts';
import { createPointSeries, mergeClose, type PointArea, symbols, type TrialPoint } from './points.ts';
import { chooseSeriesColor } from './theme.ts';

/** The values of one run. */
export interface Curve {
  readonly name: string;
  readonly values: ArrayLike<number>;
  /** Ascending steps of the values, if the curve is thinned out; by default 1, 2, 3, … */
  readonly steps?: ArrayLike<number>;
  /** Number of the trial, so that a click can open it. */
  readonly number?: number;
  /** The same point on fresh seeds, one run each: drawn as their mean with a band from the lowest to the highest. */
  readonly repeats?: readonly ArrayLike<number>[];
  /** Number of repeats that end before the others. */
  readonly ended?: number;
}

export interface CurvesData {
  readonly meaning: CurveMeaning;
  /** Best first. */
  readonly trials: readonly Curve[];
  readonly reference: Curve | null;
  /** Number of steps in the running mean of losses; by default 1/25 of the longest curve. */
  readonly window?: number;
  /**
   * Whether the values are reports of trials that have not finished: each loss is then the mean of the steps since the
   * report before. They are drawn as points, without a running mean.
   */
  readonly isReported?: boolean;
  /** Steps of a whole run, where the axis ends; by default that of the longest curve. */
  readonly steps?: number | undefined;
}

interface DrawnCurve {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly type: LineType;
  readonly steps: ArrayLike<number>;
  /** NaN if there is no value to draw. */
  readonly raw: readonly number[];
  /** What the line shows: the running mean of losses, or the values. */
  readonly line: ArrayLike<number>;
  /** Lowest and highest of the repeats at each step, smoothed as the line. */
  readonly band: readonly Band[];
  /** Values of each seed, of which `raw` is the mean; empty if there is one run. */
  readonly runs: readonly (readonly number[])[];
  /** Indices of values above the cap. */
  readonly capped: readonly number[];
}

const HEIGHT = 300;

/** Steps above which single losses become a band. */
const SINGLE_STEPS = 1000;

/**
 * Draws one value per step for the best trials and for the reference.
 *
 * - Training losses: running means, with the single losses faint behind them. Losses above the cap count as the cap in
 *   the metric; they are drawn there and marked as clipped. If the metric is the area under the curve, the area between
 *   the best trial and the reference is tinted.
 * - Values reported by a program: as they are, without a mean and without a cap.
 */
export function drawCurves(data: CurvesData, frame: Frame): Figure {
  const { meaning } = data;
  const isLoss = meaning.cap !== null;
  const title = nameCurves(meaning);
  const curves = prepareCurves(data, frame).filter(({ line }) => Array.from(line).some(Number.isFinite));
  const bulk = findExtent(curves.flatMap(meaning.isStepped ? listLaterValues : listShownValues));
  if (!bulk) return createMessage(title, isLoss ? 'No loss curve to show.' : 'No value to show.', frame);
  const last = Math.max(1, data.steps ?? 0, ...curves.map(({ steps }) => steps[steps.length - 1] ?? 1));
  const first = curves.some(({ steps }) => steps[0] === 0) ? 0 : 1;
  const x: Extent = last > first ? [first, last] : [0, 2];
  const log = canUseLog(frame, bulk);
  const y = chooseExtent(bulk, log);
  const area: PointArea = { x, y, width: frame.width - 60, height: HEIGHT - 50 };
  const clipped = curves.flatMap((curve) => createClipped(curve, area, frame));
  const step = meaning.isStepped ? 'end' : undefined;
  const tint = meaning.isArea && data.reference ? createTint(curves) : null;
  const legend: LegendEntry[] = curves.map(({ name, type }) => ({ name, icon: lineIcons[type] }));
  if (tint) legend.push({ name: tint.name, icon: 'rect', opacity: 0.3 });
  if (clipped.length) legend.push({ name: CLIPPED, icon: symbols.above });
  const top = measureTop(legend, frame);
  return {
    title,
    description: describeCurves(data, curves),
    notes: listNotes(data, countWindow(data)),
    height: HEIGHT + top,
    option: {
      ...createBase(frame),
      ...createAxisTip(frame),
      legend: createLegend(legend, frame),
      grid: { left: 4, right: 16, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: createXAxis(frame, {
        name: meaning.axis ?? (isLoss ? 'training step' : 'step'),
        extent: x,
        integer: true,
      }),
      yAxis: createYAxis(frame, { name: meaning.quantity, extent: y, log }),
      series: [
        ...(tint ? [createBand({ ...tint, color: chooseSeriesColor(frame.theme, 0) })] : []),
        ...curves.flatMap((curve) => createBackground(curve, isLoss && !data.isReported, frame)).toReversed(),
        ...curves.map((curve, i) =>
          createLine(
            {
              ...curve,
              places: listPlaces(curve.line, curve),
              step,
              z: 2 + curves.length - i,
              hasMarks: data.isReported,
            },
            frame,
          ),
        ),
        ...clipped,
      ],
    },
    toTable: () => createTable(curves, meaning.axis ?? 'step'),
  };
}

/** One row for each step of any curve, with the lowest and the highest seed of repeated runs. */
function createTable(curves: readonly DrawnCurve[], axis: string): FigureTable {
  const steps = [...new Set(curves.flatMap(({ steps: own }) => Array.from(own)))].toSorted((a, b) => a - b);
  const places = curves.map((curve) => new Map(Array.from(curve.steps, (step, i) => [step, i])));
  return {
    columns: [
      axis,
      ...curves.flatMap(({ name, runs }) => (runs.length ? [name, `${name}, lowest`, `${name}, highest`] : [name])),
    ],
    rows: steps.map((step) => [
      step,
      ...curves.flatMap(({ raw, runs }, k) => {
        const i = places[k]!.get(step) ?? -1;
        if (!runs.length) return [toCell(raw[i])];
        const seeds = runs.flatMap((run) => toCell(run[i]) ?? []);
        return seeds.length ? [toCell(raw[i]), Math.min(...seeds), Math.max(...seeds)] : [toCell(raw[i]), null, null];
      }),
    ]),
  };
}

function nameCurves({ cap, axis, quantity }: CurveMeaning): string {
  if (axis) return `${quantity}, by ${axis}`;
  return cap === null ? 'Reported values by step' : 'Loss over training';
}

const CLIPPED = 'beyond the scale';

function toCell(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** Returns the number of steps in a running mean; 1 for values that are drawn as they are. */
function countWindow({ trials, reference, meaning: { cap }, window, isReported }: CurvesData): number {
  if (isReported) return 1;
  const longest = Math.max(0, ...[...trials, ...(reference ? [reference] : [])].map(({ values }) => values.length));
  const width = Math.round(window ?? longest / 25);
  // A window is centered: one of two steps has only its own step.
  return cap === null || width < 3 ? 1 : width;
}

/** Best first, the reference last. */
function prepareCurves(data: CurvesData, { theme }: Frame): DrawnCurve[] {
  const { trials, reference } = data;
  const { cap } = data.meaning;
  const named: (Curve & Pick<DrawnCurve, 'color' | 'id' | 'type'>)[] = trials.map((trial, i) => ({
    ...trial,
    id: trial.number === undefined ? `curve:${i}` : `trial:${trial.number}`,
    color: chooseSeriesColor(theme, i),
    type: chooseLineType(i),
  }));
  if (reference) named.push({ ...reference, id: 'reference', color: theme.muted, type: 'dashed' });
  const width = countWindow(data);
  return named.map(({ id, name, color, type, values, steps, repeats = [] }) => {
    const limited = [values, ...repeats].map((run) => Array.from(run, (value) => limitValue(value, cap)));
    const runs = repeats.length ? limited.slice(1) : limited;
    const smoothed = runs.map((run) => computeRunningMean(run, width));
    const places = steps ?? Array.from(values, (_, i) => i + 1);
    return {
      id,
      name: repeats.length ? `${name}, mean of ${repeats.length} seeds` : name,
      color,
      type,
      steps: places,
      raw: repeats.length ? averageRuns(runs) : limited[0]!,
      runs: repeats.length > 1 ? runs : [],
      line: cap === null && !repeats.length ? limited[0]! : averageRuns(smoothed),
      band: repeats.length > 1 ? boundRuns(smoothed, places) : [],
      capped:
        cap === null || repeats.length
          ? []
          : Array.from(values, (value, i) => (value <= cap ? -1 : i)).filter((i) => i >= 0),
    };
  });
}

/** Returns a value as it is drawn. A loss that is not a number is a diverged one, which counts as the cap. */
function limitValue(value: number, cap: number | null): number {
  if (cap === null) return Number.isFinite(value) ? limitSize(value) : Number.NaN;
  return limitSize(value <= cap ? value : cap);
}

function averageRuns(runs: readonly ArrayLike<number>[]): number[] {
  return listSteps(runs, (values) => values.reduce((sum, value) => sum + value, 0) / values.length);
}

function boundRuns(runs: readonly ArrayLike<number>[], steps: ArrayLike<number>): Band[] {
  const low = listSteps(runs, (values) => Math.min(...values));
  const high = listSteps(runs, (values) => Math.max(...values));
  const bands = low.map((value, i): Band => [steps[i]!, value, high[i]!]);
  return thin(
    bands.filter(([, value]) => Number.isFinite(value)),
    800,
  );
}

/** Computes a number of the values of all runs at each step; NaN if a run has no value there. */
function listSteps(runs: readonly ArrayLike<number>[], compute: (values: readonly number[]) => number): number[] {
  const shortest = Math.min(...runs.map(({ length }) => length));
  return Array.from({ length: shortest }, (_, i) => {
    const values = runs.map((run) => run[i]!);
    return values.every(Number.isFinite) ? compute(values) : Number.NaN;
  });
}

function thin<T>(items: readonly T[], limit: number): T[] {
  const every = Math.ceil(items.length / limit);
  return items.filter((_, i) => i % every === 0 || i === items.length - 1);
}

/** Returns the whole line and the bulk of the single values. A single batch may leave the frame, not a mean. */
function listShownValues({ raw, line, band }: DrawnCurve): number[] {
  const sorted = raw.filter((value) => Number.isFinite(value)).toSorted((a, b) => a - b);
  const quantiles = sorted.length ? [computeQuantile(sorted, 0.01), computeQuantile(sorted, 0.99)] : [];
  return [...Array.from(line), ...quantiles, ...band.flatMap(([, low, high]) => [low, high])];
}

/** Share of a search after which its best value determines the scale: the first ones are far from the last. */
const SETTLED = 0.25;

/** Returns the values of a search after its first trials, from which the line comes. */
function listLaterValues({ raw }: DrawnCurve): number[] {
  const known = raw.filter((value) => Number.isFinite(value));
  return known.slice(Math.floor(SETTLED * (known.length - 1)));
}

function listPlaces(values: ArrayLike<number>, { steps }: Pick<DrawnCurve, 'steps'>): [number, number][] {
  return Array.from(values).flatMap((value, i): [number, number][] =>
    Number.isFinite(value) ? [[steps[i]!, value]] : [],
  );
}

/** Creates what lies behind a line: the band of its repeats, or its single losses. */
function createBackground(curve: DrawnCurve, isLoss: boolean, frame: Frame): SeriesOption[] {
  const { id, name, color, raw, band } = curve;
  if (band.length) return [createBand({ id: `${id}:band`, name, color, bands: band })];
  if (!isLoss) return [];
  const places = listPlaces(raw, curve);
  if (places.length > SINGLE_STEPS)
    return [createBand({ id: `${id}:single`, name, color, bands: computeEnvelope(places, 250) })];
  const line = createLine({ id: `${id}:single`, name, color, places, width: 1, opacity: 0.3, z: 2 }, frame);
  return [{ ...line, showSymbol: false, silent: true, tooltip: { show: false } } as SeriesOption];
}

/** Creates triangles at values that are outside the frame. */
function createClipped({ id, raw, steps, capped, color }: DrawnCurve, area: PointArea, frame: Frame): SeriesOption[] {
  const [low, high] = area.y;
  const above = new Set(capped);
  raw.forEach((value, i) => value > high && above.add(i));
  const below = raw.flatMap((value, i) => (value < low ? [i] : []));
  const place =
    (y: number) =>
    (i: number): TrialPoint => [steps[i]!, y, -1, raw[i]!];
  const groups = (
    [
      ['above', [...above].map((i) => place(Math.min(high, Math.max(low, raw[i]!)))(i))],
      ['below', below.map(place(low))],
    ] as const
  ).map(([side, points]) => ({
    id: `${id}:${side}`,
    name: CLIPPED,
    color,
    symbol: symbols[side],
    points: mergeClose(points, area.x, area.width),
  }));
  return createPointSeries(
    groups.filter(({ points }) => points.length),
    area,
    { ...frame, interactive: false },
    Infinity,
  );
}

/** Returns the area between the best curve and the reference; null if they are not both there. */
function createTint(curves: readonly DrawnCurve[]): { id: string; name: string; bands: readonly Band[] } | null {
  const [best, reference] = [curves[0], curves.find(({ id }) => id === 'reference')];
  if (!best || !reference || best === reference) return null;
  const others = new Map(Array.from(reference.line, (value, i) => [reference.steps[i]!, value]));
  const bands = Array.from(best.line, (value, i): Band => {
    const step = best.steps[i]!;
    return [step, value, others.get(step) ?? Number.NaN];
  });
  return {
    id: 'tint',
    name: 'difference in AULC, best against reference',
    bands: thin(
      bands.filter(([, a, b]) => Number.isFinite(a) && Number.isFinite(b)),
      800,
    ),
  };
}

function listNotes({ meaning, trials, reference, isReported }: CurvesData, window: number): string[] {
  if (isReported && meaning.cap !== null)
    return ['Each point is the mean loss of the steps since the report before it, in the middle of these steps.'];
  const notes: string[] = [];
  const all = reference ? [...trials, reference] : trials;
  if (all.some(({ repeats }) => repeats && repeats.length > 1))
    notes.push('Lines are means over fresh seeds; bands go from the lowest to the highest seed.');
  else if (window > 1) notes.push('Lines are running means; single losses are faint.');
  const ended = all.reduce((sum, curve) => sum + (curve.ended ?? 0), 0);
  if (ended) notes.push(describeEnded(ended, meaning));
  return notes;
}

function describeEnded(ended: number, { cap }: CurveMeaning): string {
  if (cap !== null) return `${formatPlural(ended, 'run')} diverged: the missing steps count at the cap of the loss.`;
  const runs = ended === 1 ? '1 run ends' : `${ended} runs end`;
  return `${runs} before the others of the same point: a mean goes as far as all of its runs.`;
}

function describeCurves({ meaning: { quantity, cap }, isReported }: CurvesData, curves: readonly DrawnCurve[]): string {
  const ranges = curves.flatMap(({ name, line, steps }) => {
    const values = Array.from(line).filter((value) => Number.isFinite(value));
    if (!values.length) return [];
    const count = Math.round(steps[line.length - 1] ?? values.length);
    return [`${name} from ${formatNumber(values[0]!)} to ${formatNumber(values.at(-1)!)} in ${count} steps`];
  });
  const loss = isReported ? 'Mean loss between reports' : 'Running mean of the loss';
  return `${cap === null ? quantity : loss}: ${ranges.join('; ')}.`;
}
