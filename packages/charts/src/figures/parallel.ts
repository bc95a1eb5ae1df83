import type { EChartsOption, ParallelSeriesOption } from 'echarts';
import {
  type ImportanceData,
  type MetricData,
  type ParameterData,
  type ParetoData,
  readValue,
  type TrialData,
} from '../report/data.ts';
import { namePoint, nameTrial } from '../report/name-point.ts';
import { listMarkedTrials, nameMarkedTrials, sortByValue } from '../report/rank-complete-trials.ts';
import { shortenText } from '../text/metrics.ts';
import {
  formatCount,
  formatNumber,
  formatPlural,
  formatTrialValue,
  isFiniteNumber,
  namePrunedValues,
} from '../text/numbers.ts';
import { limitSize, styleAxis, widenExtent } from './axis.ts';
import { computeBulkExtent } from './bulk.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, lineIcons, measureLegend } from './layout.ts';
import { isFree, listChoices } from './parameter-axis.ts';
import { chooseSeriesColor } from './theme.ts';
import { createTip, formatCell } from './tooltip.ts';

export interface ParallelData {
  readonly metric: MetricData;
  readonly parameters: readonly ParameterData[];
  readonly trials: readonly TrialData[];
  /** With more parameters than axes, the most important ones are drawn. */
  readonly importance?: readonly ImportanceData[];
  /** With several objectives, the front takes the place of the best trials. */
  readonly pareto?: ParetoData | null;
}

const TITLE = 'Parallel coordinates';
/** Axes, and lines, that can be distinguished. */
const AXES = 10;
const LINES = 1_000;
/** Share of the complete trials that are drawn as the best. */
const BEST = 0.1;
/** Place of a value that a trial does not have, below its axis, which goes from 0 to 1. */
const ABSENT = -0.15;
const ABSENT_TEXT = 'none';
/** Height of the axes, and width of the space of one, px. On a narrow figure, axes lie below each other. */
const HEIGHT = 280;
const SPACE = 84;
const ROW = 62;

/** Groups in the order of the legend; later ones are below. */
const groups = [
  { id: 'best', color: 2, type: 'solid', width: 1.8, opacity: 0.9 },
  { id: 'complete', color: 0, type: 'solid', width: 1, opacity: 0.35 },
  { id: 'pruned', color: 4, type: 'dashed', width: 1, opacity: 0.5 },
  { id: 'diverged', color: 1, type: 'dotted', width: 1, opacity: 0.6 },
  { id: 'failed', color: 3, type: 'dotted', width: 1, opacity: 0.6 },
] as const;

type Group = (typeof groups)[number];

/** An axis from 0 to 1. */
interface ParallelAxis {
  readonly name: string;
  /** Returns null for a value that a trial does not have. */
  readonly place: (trial: TrialData) => number | null;
  /** Labels at places. */
  readonly ticks: readonly (readonly [at: number, label: string])[];
}

/**
 * Draws each settled trial as a line over one axis per searched parameter and one of the metric. A reader drags along
 * axes to select trials. A parameter that a trial does not have, because of a condition, is below its axis.
 */
export function drawParallel(data: ParallelData, frame: Frame): Figure {
  const settled = data.trials.filter(({ state }) => groups.some(({ id }) => id === state));
  const free = data.parameters.filter(isFree);
  const bulk = computeBulkExtent(
    settled.filter(({ state }) => state === 'complete').map(({ value }) => value),
    data.metric.direction,
    null,
  );
  if (!free.length || !bulk)
    return createMessage(TITLE, free.length ? 'No trial is complete.' : 'No parameter is searched.', frame);
  const shown = chooseParameters(free, data.importance ?? []);
  const axes = [...shown.map(createParameterAxis), createMetricAxis(data.metric, bulk, settled)];
  const members = groupTrials(settled, data);
  const lines = groups.map((group) => sampleTrials(members.get(group) ?? [], settled.length));
  const legend = groups.flatMap((group, i) => (lines[i]!.length ? [createEntry(group, data)] : []));
  const top = measureLegend(legend, frame) + 34;
  const isNarrow = frame.width / axes.length < SPACE;
  const height = isNarrow ? axes.length * ROW : HEIGHT;
  return {
    title: TITLE,
    description: describeParallel(data, settled, shown),
    notes: listNotes({ settled, drawn: lines.flat().length, hidden: free.length - shown.length }),
    height: top + height + 26,
    option: {
      ...createBase(frame, 'none'),
      legend: createLegend(legend, frame),
      parallel: {
        layout: isNarrow ? 'vertical' : 'horizontal',
        left: 24,
        right: isNarrow ? 24 : 62,
        top: isNarrow ? top + 8 : top,
        bottom: 26,
      },
      parallelAxis: axes.map((axis, dim) => {
        const hasAbsent = settled.some((trial) => axis.place(trial) === null);
        return createAxisOption(axis, dim, { isNarrow, hasAbsent, count: axes.length, frame });
      }),
      series: groups
        .map((group, i) => createGroup(group, { trials: lines[i]!, axes, data, frame }))
        .filter(({ data: items }) => items?.length)
        .toReversed(),
    } as EChartsOption,
    toTable: () => ({
      columns: ['trial', 'state', data.metric.name, ...free.map(({ name }) => name)],
      rows: settled.map(({ number, state, value, point }) => [
        number,
        state,
        value,
        ...free.map(({ name }) => readValue(point, name) ?? null),
      ]),
    }),
  };
}

function chooseParameters(
  free: readonly ParameterData[],
  importance: readonly ImportanceData[],
): readonly ParameterData[] {
  if (free.length < AXES) return free;
  const share = new Map(importance.map((entry) => [entry.name, entry.share]));
  const chosen = new Set(
    free.toSorted((a, b) => (share.get(b.name) ?? 0) - (share.get(a.name) ?? 0)).slice(0, AXES - 1),
  );
  return free.filter((parameter) => chosen.has(parameter));
}

function createParameterAxis(parameter: ParameterData): ParallelAxis {
  const { name } = parameter;
  if (!('low' in parameter)) {
    const choices = listChoices(parameter);
    const at = (i: number): number => (choices.length > 1 ? i / (choices.length - 1) : 0.5);
    return {
      name,
      place: ({ point }) => {
        const i = choices.findIndex((choice) => choice === readValue(point, name));
        return i < 0 ? null : at(i);
      },
      ticks: choices.map((choice, i) => [at(i), String(choice)]),
    };
  }
  const isLog = parameter.scale === 'log' && limitSize(parameter.low) > 0;
  const scale = isLog ? Math.log : (value: number): number => value;
  const [low, high] = widenExtent([scale(limitSize(parameter.low)), scale(limitSize(parameter.high))]);
  const middle = isLog ? Math.exp((low + high) / 2) : (low + high) / 2;
  return {
    name,
    place: ({ point }) => {
      const value = readValue(point, name);
      if (!isFiniteNumber(value) || (isLog && value <= 0)) return null;
      return clampShare((scale(limitSize(value)) - low) / (high - low));
    },
    ticks: [
      [0, formatNumber(parameter.low)],
      [0.5, formatNumber(Number(middle.toPrecision(2)))],
      [1, formatNumber(parameter.high)],
    ],
  };
}

/** Values beyond the axis are drawn at its end, whose label says so. */
function createMetricAxis(
  { name }: MetricData,
  bulk: readonly [number, number],
  settled: readonly TrialData[],
): ParallelAxis {
  const [low, high] = widenExtent(bulk);
  const signs: Partial<Record<number, string>> = {
    0: settled.some(({ value }) => isFiniteNumber(value) && value < low) ? '≤ ' : '',
    1: settled.some(({ value }) => isFiniteNumber(value) && value > high) ? '≥ ' : '',
  };
  return {
    name,
    place: ({ value }) => (isFiniteNumber(value) ? clampShare((limitSize(value) - low) / (high - low)) : null),
    ticks: [0, 0.25, 0.5, 0.75, 1].map((at) => [at, `${signs[at] ?? ''}${formatNumber(low + at * (high - low))}`]),
  };
}

function clampShare(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** Returns the trials of each group, best first. */
function groupTrials(settled: readonly TrialData[], data: ParallelData): Map<Group, TrialData[]> {
  const complete = sortByValue(data.trials, data.metric.direction);
  const count = Math.max(1, Math.round(complete.length * BEST));
  const best = new Set<TrialData>(listMarkedTrials(data, count));
  return Map.groupBy([...complete, ...settled.filter(({ state }) => state !== 'complete')], (trial) =>
    groups.find(({ id }) => id === (best.has(trial) ? 'best' : trial.state))!,
  );
}

/** Keeps the first, the last and evenly spread trials of a group, as many as its share of all lines. */
function sampleTrials(trials: readonly TrialData[], total: number): readonly TrialData[] {
  if (total <= LINES) return trials;
  const count = Math.min(trials.length, Math.max(20, Math.round((LINES * trials.length) / total)));
  return Array.from(
    { length: count },
    (_, i) => trials[Math.round((i * (trials.length - 1)) / Math.max(1, count - 1))]!,
  );
}

function createEntry({ id, type }: Group, data: ParallelData): LegendEntry {
  return { name: nameGroup(id, data), icon: lineIcons[type] };
}

function nameGroup(id: Group['id'], data: ParallelData): string {
  if (id === 'best') return nameMarkedTrials(data, `best ${100 * BEST} %`);
  if (id === 'complete') return 'other complete trials';
  return id === 'pruned' ? `pruned, ${namePrunedValues(data.metric)}` : id;
}

interface Drawn {
  readonly trials: readonly TrialData[];
  readonly axes: readonly ParallelAxis[];
  readonly data: ParallelData;
  readonly frame: Frame;
}

function createGroup(group: Group, { trials, axes, data, frame }: Drawn): ParallelSeriesOption {
  const { id, width, opacity, type } = group;
  const color = chooseSeriesColor(frame.theme, group.color);
  return {
    type: 'parallel',
    id: `trials:${id}`,
    name: nameGroup(id, data),
    data: trials.map((trial) => ({
      value: axes.map(({ place }, i) => place(trial) ?? (i < axes.length - 1 ? ABSENT : '-')),
      trial: trial.number,
    })) as ParallelSeriesOption['data'],
    lineStyle: { color, width, opacity, type },
    inactiveOpacity: 0.04,
    activeOpacity: 0.9,
    silent: !frame.interactive,
    progressive: 0,
    emphasis: { disabled: !frame.interactive, lineStyle: { width: 3, opacity: 1 } },
    z: 2 + groups.length - groups.indexOf(group),
    ...createTip(frame, ({ data: item }) => {
      const number = (item as { trial: number }).trial;
      const trial = trials.find((one) => one.number === number);
      return trial ? describeTrial(trial, data) : [];
    }),
  };
}

function describeTrial(trial: TrialData, { metric, parameters }: ParallelData): string[] {
  const free = parameters.filter(isFree).slice(0, AXES);
  return [
    `${nameTrial(trial.number, namePoint(parameters, trial.point))}, ${trial.state}`,
    `${metric.name} ${formatTrialValue(trial, metric)}`,
    ...free.flatMap(({ name }) => {
      const value = readValue(trial.point, name);
      return value === undefined ? [] : [`${name} ${formatCell(value)}`];
    }),
  ];
}

interface AxisPlace {
  /** Whether a trial has no value there. */
  readonly hasAbsent: boolean;
  readonly isNarrow: boolean;
  readonly count: number;
  readonly frame: Frame;
}

function createAxisOption(
  { name, ticks }: ParallelAxis,
  dim: number,
  { isNarrow, hasAbsent, count, frame }: AxisPlace,
): object {
  const style = styleAxis(frame);
  const space = isNarrow ? frame.width - 48 : (frame.width - 86) / Math.max(1, count - 1);
  const isLast = dim === count - 1;
  const labels = [...(isLast || !hasAbsent ? [] : [[ABSENT, ABSENT_TEXT] as const]), ...ticks];
  const between = isNarrow ? space / Math.max(1, labels.length) : 46;
  return {
    dim,
    name: shortenText(name, isNarrow ? space : space - 8, frame.theme.fontSize),
    type: 'value',
    min: ABSENT,
    max: 1,
    nameLocation: isNarrow ? 'start' : 'end',
    nameGap: isNarrow ? 0 : 14,
    nameTextStyle: { ...style.nameTextStyle, ...placeName(dim, isNarrow) },
    axisLine: style.axisLine,
    axisTick: { show: true, lineStyle: style.axisLine.lineStyle, customValues: labels.map(([at]) => at) },
    axisLabel: {
      ...style.axisLabel,
      hideOverlap: true,
      // Lines cross the labels.
      textBorderColor: frame.theme.surface,
      textBorderWidth: 3,
      customValues: labels.map(([at]) => at),
      formatter: (at: number) => {
        const label = labels.find(([place]) => Math.abs(place - at) < 1e-9)?.[1] ?? '';
        return shortenText(label, isNarrow ? between : Math.min(90, space - 16), frame.theme.fontSize);
      },
    },
    splitLine: { show: false },
    areaSelectStyle: { width: 16, color: style.axisLine.lineStyle.color, opacity: 0.3 },
  };
}

/** The name of the first axis starts at the left end of the figure; others are above the middle of their axis. */
function placeName(dim: number, isNarrow: boolean): object {
  if (isNarrow) return { align: 'left', verticalAlign: 'bottom', padding: [0, 0, 8, 0] };
  return dim === 0 ? { align: 'left', padding: [0, 0, 0, -20] } : {};
}

function listNotes({
  settled,
  drawn,
  hidden,
}: {
  settled: readonly TrialData[];
  drawn: number;
  hidden: number;
}): string[] {
  const notes: string[] = [];
  if (drawn < settled.length)
    notes.push(
      `${formatCount(drawn)} of ${formatCount(settled.length)} trials are drawn: of each group the best, the ` +
        'worst and trials between them.',
    );
  if (hidden) notes.push(`${formatPlural(hidden, 'less important parameter')} not shown.`);
  return notes;
}

function describeParallel(
  { metric }: ParallelData,
  settled: readonly TrialData[],
  shown: readonly ParameterData[],
): string {
  return (
    `${formatPlural(settled.length, 'trial')}, each a line over ${shown.map(({ name }) => name).join(', ')} and ` +
    `${metric.name}. Drag along an axis to select trials.`
  );
}
