import type { SeriesOption } from 'echarts';
import { type MetricData, type ParameterData, type ParetoData, readValue, type TrialData } from '../report/data.ts';
import { namePoint, nameTrial } from '../report/name-point.ts';
import { type CompleteTrial, rankCompleteTrials } from '../report/rank-complete-trials.ts';
import { formatNumber, formatPlural } from '../text/numbers.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase, createLegend, measureTop } from './layout.ts';
import { createParameterAxis, createVerticalAxis, isFree } from './parameter-axis.ts';
import {
  createPointSeries,
  POINT_LIMIT,
  type PointArea,
  type PointGroup,
  readPoint,
  symbols,
  type TrialPoint,
} from './points.ts';
import { chooseSeriesColor } from './theme.ts';
import { createTip, formatCell, type MarkEvent } from './tooltip.ts';

export interface RankData {
  readonly metric: MetricData;
  readonly parameters: readonly ParameterData[];
  readonly trials: readonly TrialData[];
  /** Names of two parameters; by default the first two that vary. */
  readonly pair?: readonly [x: string, y: string] | null;
  /** With several objectives, there is no rank. */
  readonly pareto?: ParetoData | null;
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

interface RankedTrial {
  readonly trial: CompleteTrial;
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
  if (data.pareto) return createMessage(TITLE, 'With several objectives, trials are not ranked by one value.', frame);
  const ranked = listRanks(data);
  if (!ranked.length) return createMessage(TITLE, 'No trial is complete.', frame);
  const [xAxis, yAxis] = [createParameterAxis(x, frame), createParameterAxis(y, frame)];
  const place = ({ trial: { point, number }, rank }: RankedTrial): TrialPoint[] => {
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
    toTable: () => ({
      columns: ['trial', 'rank', metric.name, x.name, y.name],
      rows: ranked.map(({ trial: { number, value, point }, rank }) => [
        number,
        rank,
        value,
        readValue(point, x.name) ?? null,
        readValue(point, y.name) ?? null,
      ]),
    }),
  };
}

function choosePair({ parameters, pair }: RankData): (ParameterData | undefined)[] {
  const free = listRankParameters(parameters);
  const chosen = (pair ?? []).map((name) => free.find((one) => one.name === name));
  return chosen.length === 2 && chosen.every(Boolean) ? chosen : free.slice(0, 2);
}

function listRanks(data: RankData): RankedTrial[] {
  const complete = rankCompleteTrials(data);
  let rank = 1;
  return complete.map((trial, i) => {
    if (i > 0 && trial.value !== complete[i - 1]!.value) rank = i + 1;
    return { trial, rank };
  });
}

function findOpacity(name: unknown): number {
  return GROUPS.find(([group]) => group === name)?.[1] ?? 1;
}

function describePoint(event: MarkEvent, { metric, parameters }: RankData, ranked: readonly RankedTrial[]): string[] {
  const number = readPoint(event)?.[2];
  const found = ranked.find(({ trial }) => trial.number === number);
  if (!found) return [];
  const { trial, rank } = found;
  return [
    nameTrial(trial.number, namePoint(parameters, trial.point)),
    `rank ${rank} of ${ranked.length}`,
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
  const { point, number } = best!.trial;
  const at = pair.map((parameter) => `${parameter.name} ${formatCell(readValue(point, parameter.name))}`);
  return (
    `${formatPlural(others.length + 1, 'complete trial')} over ${pair[0].name} and ${pair[1].name}, by the rank of ` +
    `${name}. The best, trial ${number}, is at ${at.join(', ')}.`
  );
}
