import type { SeriesOption } from 'echarts';
import type { MetricData, ParetoData, ReferenceData, TrialData } from '../report/data.ts';
import { listMarkedTrials, nameMarkedTrials } from '../report/rank-complete-trials.ts';
import {
  formatCount,
  formatNumber,
  formatPlural,
  formatTrialValue,
  isFiniteNumber,
  namePrunedValues,
} from '../text/numbers.ts';
import { canUseLog, chooseExtent, createXAxis, createYAxis, type Extent, findXExtent, limitSize } from './axis.ts';
import { computeBulkExtent } from './bulk.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, lineIcons, measureTop } from './layout.ts';
import { createLine } from './lines.ts';
import {
  createPointSeries,
  mergeClose,
  type PointArea,
  POINT_LIMIT,
  readPoint,
  symbols,
  type TrialPoint,
} from './points.ts';
import { chooseSeriesColor } from './theme.ts';
import { createTip, type MarkEvent } from './tooltip.ts';

export interface SearchData {
  readonly metric: MetricData;
  readonly trials: readonly TrialData[];
  readonly reference: ReferenceData | null;
  /** With several objectives, the front is marked instead of the best value. */
  readonly pareto?: ParetoData | null;
}

const states = ['complete', 'infeasible', 'pruned', 'diverged', 'failed'] as const;

type State = (typeof states)[number];

/** Indices of the colors of the states. */
const colors: Readonly<Record<State, number>> = { complete: 0, infeasible: 5, pruned: 4, diverged: 1, failed: 3 };

/** A settled trial; `value` is null for a failed one. */
interface SettledTrial {
  readonly number: number;
  readonly state: State;
  readonly value: number | null;
}

interface Improvement {
  readonly number: number;
  readonly value: number;
}

const HEIGHT = 320;
const TITLE = 'The search, trial by trial';

/**
 * Draws the value of every trial by its number, the best value so far, and the reference as a line across.
 *
 * - A pruned trial has no final value. A bound of it is drawn as a bar with an arrow to where it lies, and a value when
 *   the trial was stopped as a diamond.
 * - A value beyond the scale is drawn as a triangle on the border. The scale covers the bulk and the reference.
 * - With several objectives, the trials on the Pareto front are circled, and there is no best value so far.
 * - A complete trial that violates measured constraints is drawn as an open square, and is never the best.
 * - A failed trial has no value and is drawn on the base line.
 */
export function drawSearch(data: SearchData, frame: Frame): Figure {
  const settled = listSettled(data.trials);
  const reference = isFiniteNumber(data.reference?.value)
    ? { label: data.reference.label, value: data.reference.value }
    : null;
  const bulk = computeExtent(settled, data.metric.direction, reference?.value ?? null);
  if (!settled.length || !bulk)
    return createMessage(TITLE, settled.length ? 'No trial has a value.' : 'No trial has settled.', frame);
  const log = canUseLog(frame, bulk);
  const y = chooseExtent(bulk, log);
  const x = findXExtent([0, ...settled.map(({ number }) => number)]);
  const improvements = data.pareto ? [] : listImprovements(settled, data.metric.direction);
  const clipped = settled.filter(({ value }) => isOutside(value, y));
  const entries = listEntries({ settled, metric: data.metric, clipped: clipped.length });
  const marked = data.pareto ? listMarkedTrials(data, 0) : improvements.slice(-1);
  const lines = createLines({ improvements, marked, reference, mark: nameMarkedTrials(data, BEST) }, { x, y, frame });
  const legend = [...entries, ...lines.entries];
  const top = measureTop(legend, frame);
  const area: PointArea = { x, y, yLog: log, width: frame.width - 60, height: HEIGHT - 50 };
  const tip = createTip(frame, (event) => describePoint(event, data.metric));
  return {
    title: TITLE,
    description: describeSearch(data, settled, improvements),
    notes: listNotes(settled.length - clipped.length, frame),
    height: HEIGHT + top,
    option: {
      ...createBase(frame),
      legend: createLegend(legend, frame),
      grid: { left: 4, right: 16, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: createXAxis(frame, { name: 'trial', extent: x, integer: true }),
      yAxis: createYAxis(frame, { name: data.metric.name, extent: y, log }),
      series: [...createTrialSeries(settled, { entries, area, frame }), ...createClippedSeries(clipped, area, frame)]
        .map((series) => ({ ...series, ...tip }) as SeriesOption)
        .concat(lines.series),
    },
    toTable: () => ({
      columns: ['trial', 'state', data.metric.name],
      rows: settled.map(({ number, state, value }) => [number, state, value]),
    }),
  };
}

function listSettled(trials: readonly TrialData[]): SettledTrial[] {
  return trials.flatMap(({ state, number, value }) => {
    const known = states.find((other) => other === state);
    if (!known || !isFiniteNumber(number)) return [];
    return [{ number, state: known, value: known !== 'failed' && isFiniteNumber(value) ? limitSize(value) : null }];
  });
}

/** Returns the bulk of the complete trials, or of all trials if none is complete, and the reference. */
function computeExtent(
  settled: readonly SettledTrial[],
  direction: MetricData['direction'],
  reference: number | null,
): Extent | null {
  const complete = settled.filter(({ state }) => state === 'complete').map(({ value }) => value);
  const all = settled.map(({ value }) => value);
  return computeBulkExtent(complete.some(isFiniteNumber) ? complete : all, direction, reference);
}

function isOutside(value: number | null, [low, high]: Extent): boolean {
  return value !== null && (value < low || value > high);
}

interface StateEntry extends LegendEntry {
  readonly state: State | null;
  readonly icon: string;
}

function chooseSymbol(state: State, { direction, prunedValue }: MetricData): string {
  if (state === 'pruned') {
    if (prunedValue === 'when-stopped') return symbols.stopped;
    return direction === 'minimize' ? symbols.boundUp : symbols.boundDown;
  }
  return { complete: symbols.result, infeasible: symbols.square, diverged: symbols.cross, failed: symbols.tick }[state];
}

/** Returns the legend: states with their counts, and the number of values beyond the scale. */
function listEntries(data: { settled: readonly SettledTrial[]; metric: MetricData; clipped: number }): StateEntry[] {
  const entries = states.flatMap((state): StateEntry[] => {
    const count = data.settled.filter((trial) => trial.state === state).length;
    if (!count) return [];
    const name = `${state} ${formatCount(count)}${state === 'pruned' ? `, ${namePrunedValues(data.metric)}` : ''}`;
    return [{ state, name, icon: chooseSymbol(state, data.metric) }];
  });
  if (!data.clipped) return entries;
  return [...entries, { state: null, name: nameClipped(data.clipped), icon: symbols.above }];
}

function nameClipped(count: number): string {
  return `of these, ${formatCount(count)} beyond the scale`;
}

interface TrialSeries {
  readonly entries: readonly StateEntry[];
  readonly area: PointArea;
  readonly frame: Frame;
}

/** Creates the points inside the scale. Complete trials are on top. */
function createTrialSeries(settled: readonly SettledTrial[], { entries, area, frame }: TrialSeries): SeriesOption[] {
  const groups = entries.flatMap(({ state, name, icon }) => {
    if (state === null) return [];
    const points = settled
      .filter((trial) => trial.state === state && !isOutside(trial.value, area.y))
      .map(({ number, value }): TrialPoint => [number, value ?? area.y[0], number, value]);
    return [
      { id: `trials:${state}`, name, color: chooseSeriesColor(frame.theme, colors[state]), symbol: icon, points },
    ];
  });
  return createPointSeries(groups.toReversed(), area, frame);
}

/** Creates triangles on the border that point to the values. */
function createClippedSeries(clipped: readonly SettledTrial[], area: PointArea, frame: Frame): SeriesOption[] {
  const groups = states.flatMap((state) =>
    (['above', 'below'] as const).map((side) => {
      const points = clipped
        .filter((trial) => trial.state === state && trial.value! > area.y[1] === (side === 'above'))
        .map(({ number, value }): TrialPoint => [number, area.y[side === 'above' ? 1 : 0], number, value]);
      return {
        id: `trials:${state}:${side}`,
        name: nameClipped(clipped.length),
        color: chooseSeriesColor(frame.theme, colors[state]),
        symbol: symbols[side],
        points: frame.interactive ? points : mergeClose(points, area.x, area.width),
      };
    }),
  );
  return createPointSeries(
    groups.filter(({ points }) => points.length),
    area,
    frame,
    Infinity,
  );
}

/** Returns the complete trials that improved the best value, by number. */
function listImprovements(settled: readonly SettledTrial[], direction: MetricData['direction']): Improvement[] {
  const found: Improvement[] = [];
  for (const { state, number, value } of settled.toSorted((a, b) => a.number - b.number)) {
    if (state !== 'complete' || value === null) continue;
    const best = found.at(-1)?.value;
    if (best === undefined || (direction === 'minimize' ? value < best : value > best)) found.push({ number, value });
  }
  return found;
}

const BEST = 'best so far';

function nameReference({ label, value }: { label: string; value: number }): string {
  return `${label} ${formatNumber(value)}`;
}

interface Lines {
  readonly improvements: readonly Improvement[];
  /** The trials that are circled, and what the legend calls them. */
  readonly marked: readonly Improvement[];
  readonly mark: string;
  readonly reference: { readonly label: string; readonly value: number } | null;
}

function createLines(
  { improvements, marked, mark, reference }: Lines,
  { x, y, frame }: { x: Extent; y: Extent; frame: Frame },
): { series: SeriesOption[]; entries: LegendEntry[] } {
  const series: SeriesOption[] = [];
  if (reference)
    series.push({
      ...createLine(
        {
          id: 'reference',
          name: nameReference(reference),
          color: frame.theme.muted,
          type: 'dashed',
          places: x.map((at) => [at, limitSize(reference.value)] as const),
        },
        frame,
      ),
    });
  const best = improvements.at(-1);
  const color = chooseSeriesColor(frame.theme, 2);
  if (best) {
    const steps = improvements.map(({ number, value }) => [number, value] as const);
    const places = [...steps, [x[1], best.value] as const];
    const line = createLine({ id: 'best', name: BEST, color, places, step: 'end', z: 4 }, frame);
    series.push({ ...line, showSymbol: false });
  }
  if (marked.length)
    series.push({
      type: 'scatter',
      id: 'trials:best',
      name: mark,
      data: marked.map(({ number, value }) => [number, clampValue(value, y), number, value]),
      symbol: 'circle',
      symbolSize: 12,
      itemStyle: { color: 'transparent', borderColor: color, borderWidth: 2 },
      silent: true,
      z: 5,
    });
  const entries: LegendEntry[] = [];
  if (reference) entries.push({ name: nameReference(reference), icon: lineIcons.dashed });
  if (best) entries.push({ name: BEST, icon: lineIcons.solid });
  else if (marked.length) entries.push({ name: mark, icon: 'circle' });
  return { series, entries };
}

/** A circle around a value beyond the scale is at the border, where the value is drawn. */
function clampValue(value: number, [low, high]: Extent): number {
  return Math.min(high, Math.max(low, value));
}

function describePoint(event: MarkEvent, metric: MetricData): string[] {
  const point = readPoint(event);
  if (!point) return [];
  const [, , trial, exact] = point;
  const state = event.seriesId?.split(':')[1] ?? '';
  return [`trial ${trial}, ${state}`, `${metric.name} ${formatTrialValue({ state, value: exact }, metric)}`];
}

function listNotes(shown: number, { interactive }: Frame): string[] {
  if (interactive || shown <= POINT_LIMIT) return [];
  return [`${formatPlural(shown, 'trial')} are drawn as squares, darker where there are more.`];
}

function describeSearch(
  { metric, reference, pareto }: SearchData,
  settled: readonly SettledTrial[],
  improvements: readonly Improvement[],
): string {
  const counts = states.flatMap((state) => {
    const count = settled.filter((trial) => trial.state === state).length;
    return count ? [`${formatCount(count)} ${state}`] : [];
  });
  const sentences = [`${metric.name} by trial: ${counts.join(', ')}.`];
  if (settled.some(({ state }) => state === 'pruned'))
    sentences.push(`Pruned trials are drawn as ${namePrunedValues(metric)}.`);
  const best = improvements.at(-1);
  if (best) sentences.push(`Best ${formatNumber(best.value)} at trial ${best.number}.`);
  if (pareto) sentences.push('With several objectives, the trials on the Pareto front are circled.');
  if (isFiniteNumber(reference?.value))
    sentences.push(`Reference (${reference.label}) ${formatNumber(reference.value)}.`);
  return sentences.join(' ');
}
