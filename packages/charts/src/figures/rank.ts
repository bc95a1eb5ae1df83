import type { SeriesOption, YAXisComponentOption } from 'echarts';
import { type MetricData, type ParameterData, readValue, type TrialData } from '../report/data.ts';
import { namePoint, nameTrial } from '../report/name-point.ts';
import { formatNumber, formatPlural, isFiniteNumber } from '../text/numbers.ts';
import { createYAxis } from './axis.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase, createLegend, measureTop } from './layout.ts';
import { createPointSeries, POINT_LIMIT, type PointArea, type PointGroup, symbols, type TrialPoint } from './points.ts';
import { createParameterAxis, isFree, type ParameterAxis } from './slices.ts';
import { chooseSeriesColor } from './theme.ts';
import { createTip, formatCell, type MarkEvent } from './tooltip.ts';

export interface RankData {
  readonly metric: MetricData;
  readonly parameters: readonly ParameterData[];
  readonly trials: readonly TrialData[];
  /** Names of two parameters; by default the first two that vary. */
  readonly pair?: readonly [x: string, y: string] | null;
}

const TITLE = 'Rank of the value over two parameters';
/** Height of the plot as a share of its width. */
const ASPECT = 0.6;
/** Groups of ranks, best first: name, opacity, and size of a point in px. They differ in print, too. */
const GROUPS = [
  ['best fifth', 1, 9],
  ['second fifth', 0.75, 7.5],
  ['third fifth', 0.55, 6.5],
  ['fourth fifth', 0.35, 6],
  ['worst fifth', 0.2, 5],
] as const;

interface RankedTrial extends TrialData {
  readonly value: number;
  /** From 1, the best. Equal values have the same rank. */
  readonly rank: number;
}

/** Lists the parameters that can be an axis of the figure. */
export function listRankParameters(parameters: readonly ParameterData[]): ParameterData[] {
  return parameters.filter((one) => isFree(one) && !('low' in one && one.low === one.high));
}

/** Draws complete trials over two parameters. Darker and larger is better; values count by their rank only. */
export function drawRank(data: RankData, frame: Frame): Figure {
  const { metric } = data;
  const [x, y] = choosePair(data);
  if (!x || !y) return createMessage(TITLE, 'Fewer than two parameters are searched.', frame);
  const ranked = rankTrials(data);
  if (!ranked.length) return createMessage(TITLE, 'No trial is complete yet.', frame);
  const [xAxis, yAxis] = [createParameterAxis(x, frame), createParameterAxis(y, frame)];
  const place = ({ point, number, rank }: RankedTrial): TrialPoint[] => {
    const [px, py] = [xAxis.place(readValue(point, x.name)), yAxis.place(readValue(point, y.name))];
    return px === null || py === null ? [] : [[px, py, number, rank]];
  };
  const color = chooseSeriesColor(frame.theme, 0);
  const groups = GROUPS.map(([name, , size], i): PointGroup => {
    const members = ranked.filter(({ rank }) => Math.floor((GROUPS.length * (rank - 1)) / ranked.length) === i);
    return { id: `trials:rank:${i}`, name, color, symbol: symbols.result, size, points: members.flatMap(place) };
  });
  // Densities of all groups would cover each other.
  const isDense = !frame.interactive && ranked.length > POINT_LIMIT;
  const shown = (isDense ? groups.slice(0, 1) : groups).filter(({ points }) => points.length);
  const legend = shown.map(({ name }) => ({
    name,
    icon: symbols.result,
    opacity: GROUPS.find(([group]) => group === name)![1],
  }));
  const top = measureTop(legend, frame);
  const height = Math.round(frame.width * ASPECT);
  const area: PointArea = {
    x: xAxis.extent,
    y: yAxis.extent,
    xLog: xAxis.log,
    yLog: yAxis.log,
    width: frame.width - 60,
    height,
  };
  const tip = createTip(frame, (event) => describePoint(event, data, ranked));
  return {
    title: TITLE,
    description: describeRanks(metric, [x, y], ranked),
    notes: isDense ? ['Only the best fifth is drawn.'] : listNotes(shown, ranked),
    height: top + height + 40,
    option: {
      ...createBase(frame),
      legend: createLegend(legend, frame),
      grid: { left: 4, right: 16, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: xAxis.option,
      yAxis: createVerticalAxis(y, yAxis, frame),
      series: createPointSeries(shown.toReversed(), area, frame).map((series) => ({
        ...series,
        ...(series.type === 'scatter' ? { itemStyle: { color, opacity: findOpacity(series.name) } } : {}),
        ...tip,
      })) as SeriesOption[],
    },
    table: {
      columns: ['trial', 'rank', metric.name, x.name, y.name],
      rows: ranked.map(({ number, rank, value, point }) => [
        number,
        rank,
        value,
        readValue(point, x.name) ?? null,
        readValue(point, y.name) ?? null,
      ]),
    },
  };
}

function choosePair({ parameters, pair }: RankData): (ParameterData | undefined)[] {
  const free = listRankParameters(parameters);
  const chosen = (pair ?? []).map((name) => free.find((one) => one.name === name));
  return chosen.length === 2 && chosen.every(Boolean) ? chosen : free.slice(0, 2);
}

/** Returns the complete trials, best first. */
function rankTrials({ trials, metric }: RankData): RankedTrial[] {
  const sign = metric.direction === 'minimize' ? 1 : -1;
  const complete = trials
    .flatMap((trial) =>
      trial.state === 'complete' && isFiniteNumber(trial.value) ? [{ ...trial, value: trial.value }] : [],
    )
    .toSorted((a, b) => sign * (a.value - b.value) || a.number - b.number);
  let rank = 1;
  return complete.map((trial, i) => {
    if (i > 0 && trial.value !== complete[i - 1]!.value) rank = i + 1;
    return { ...trial, rank };
  });
}

function findOpacity(name: unknown): number {
  return GROUPS.find(([group]) => group === name)?.[1] ?? 1;
}

function createVerticalAxis(
  parameter: ParameterData,
  { extent, log, option }: ParameterAxis,
  frame: Frame,
): YAXisComponentOption {
  const isNumeric = 'low' in parameter;
  const axis = createYAxis(frame, {
    name: parameter.name,
    extent,
    log,
    integer: isNumeric && parameter.type === 'int',
  });
  const labels = isNumeric ? {} : { axisLabel: option.axisLabel };
  // The interval is that of the parameter, so its ends are not round.
  return { ...axis, interval: undefined, splitLine: { show: false }, ...labels } as YAXisComponentOption;
}

function describePoint(
  { value }: MarkEvent,
  { metric, parameters }: RankData,
  ranked: readonly RankedTrial[],
): string[] {
  const number = Array.isArray(value) ? (value as unknown as TrialPoint)[2] : null;
  const trial = ranked.find((one) => one.number === number);
  if (!trial) return [];
  return [
    nameTrial(trial.number, namePoint(parameters, trial.point)),
    `rank ${trial.rank} of ${ranked.length}`,
    `${metric.name} ${formatNumber(trial.value)}`,
    ...Object.entries(trial.point).map(([name, at]) => `${name} ${formatCell(at)}`),
  ];
}

function listNotes(groups: readonly PointGroup[], ranked: readonly RankedTrial[]): string[] {
  const missing = ranked.length - groups.reduce((sum, { points }) => sum + points.length, 0);
  return missing ? [`${formatPlural(missing, 'trial')} without one of the two parameters not shown.`] : [];
}

function describeRanks(
  { name }: MetricData,
  pair: readonly [ParameterData, ParameterData],
  [best, ...others]: readonly RankedTrial[],
): string {
  const at = pair.map((parameter) => `${parameter.name} ${formatCell(readValue(best!.point, parameter.name))}`);
  return (
    `${formatPlural(others.length + 1, 'complete trial')} over ${pair[0].name} and ${pair[1].name}, by the rank of ` +
    `${name}. The best, trial ${best!.number}, is at ${at.join(', ')}.`
  );
}
