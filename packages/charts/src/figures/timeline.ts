import { isSearchTrialId } from '@gradsmith/core/domain';
import type { CustomSeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';
import type { AttemptData, AttemptOutcome } from '../report/data.ts';
import { shortenText } from '../text/metrics.ts';
import { formatCount, formatNumber, formatPlural } from '../text/numbers.ts';
import { createXAxis, type Extent, styleAxis } from './axis.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, measureLegend } from './layout.ts';
import { chooseSeriesColor } from './theme.ts';
import { createTip, type MarkEvent } from './tooltip.ts';

export interface TimelineData {
  /** Attempts at trials, in any order. */
  readonly attempts: readonly AttemptData[];
}

const TITLE = 'Attempts by worker';
/** Bars and workers that can be distinguished. */
const BARS = 2_000;
const WORKERS = 24;
const ROW = 26;

/** Outcomes in the order of the legend, with the index of their color; null is gray. */
const outcomes: readonly { readonly name: AttemptOutcome; readonly label: string; readonly color: number | null }[] = [
  { name: 'reported', label: 'reported a result', color: 0 },
  { name: 'running', label: 'running', color: 2 },
  { name: 'failed', label: 'failed', color: 1 },
  { name: 'expired', label: 'expired: its worker was lost', color: 3 },
  { name: 'released', label: 'released', color: 4 },
  { name: 'cancelled', label: 'cancelled', color: null },
];

interface Unit {
  readonly name: string;
  readonly ms: number;
}

const units: readonly Unit[] = [
  { name: 'days', ms: 86_400_000 },
  { name: 'hours', ms: 3_600_000 },
  { name: 'minutes', ms: 60_000 },
  { name: 's', ms: 1_000 },
];

/** Draws each attempt as a bar from its start to its end, one row per worker. Attempts at once share a row. */
export function drawTimeline({ attempts }: TimelineData, frame: Frame): Figure {
  const latest = attempts.toSorted((a, b) => b.startedAt - a.startedAt).slice(0, BARS);
  const busiest = [...Map.groupBy(latest, ({ worker }) => worker)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, WORKERS)
    .map(([worker]) => worker);
  const workers = busiest.toSorted();
  const shown = latest.filter(({ worker }) => workers.includes(worker)).toReversed();
  if (!shown.length) return createMessage(TITLE, 'No attempt has started.', frame);
  const from = shown.reduce((least, { startedAt }) => Math.min(least, startedAt), Infinity);
  const to = shown.reduce((most, { finishedAt }) => Math.max(most, finishedAt), -Infinity);
  const unit = units.find(({ ms }) => to - from >= 2 * ms) ?? units.at(-1)!;
  const x: Extent = [0, Math.max(1e-3, (to - from) / unit.ms)];
  const used = outcomes.filter(({ name }) => shown.some(({ outcome }) => outcome === name));
  const legend = used.map(({ label }): LegendEntry => ({ name: label, icon: 'rect' }));
  const top = measureLegend(legend, frame) + 10;
  return {
    title: TITLE,
    description: describeTimeline(shown, workers),
    notes: listNotes(attempts.length, shown.length),
    height: top + workers.length * ROW + 50,
    option: {
      ...createBase(frame, 'x'),
      legend: createLegend(legend, frame),
      grid: { left: 4, right: 16, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: createXAxis(frame, {
        name: `${unit.name} since the first attempt shown`,
        extent: x,
      }) as XAXisComponentOption,
      yAxis: createWorkerAxis(workers, frame),
      series: used.map(({ name, label, color }) =>
        createBars(
          shown.filter(({ outcome }) => outcome === name),
          { id: name, label, color: color === null ? frame.theme.muted : chooseSeriesColor(frame.theme, color) },
          { workers, from, unit, frame },
        ),
      ),
    },
    toTable: () => ({
      columns: ['trial', 'worker', 'started', 'finished', 'outcome'],
      rows: shown.map(({ trial, worker, startedAt, finishedAt, outcome }) => [
        trial,
        worker,
        new Date(startedAt).toISOString(),
        outcome === 'running' ? null : new Date(finishedAt).toISOString(),
        outcome,
      ]),
    }),
  };
}

function createWorkerAxis(workers: readonly string[], frame: Frame): YAXisComponentOption {
  const style = styleAxis(frame);
  return {
    type: 'category',
    data: [...workers],
    inverse: true,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: true, lineStyle: { color: frame.theme.grid } },
    axisLabel: {
      ...style.axisLabel,
      interval: 0,
      formatter: (name: string) => shortenText(name, frame.width * 0.25, frame.theme.fontSize),
    },
  } as YAXisComponentOption;
}

interface Scale {
  readonly workers: readonly string[];
  readonly from: number;
  readonly unit: Unit;
  readonly frame: Frame;
}

function createBars(
  attempts: readonly AttemptData[],
  { id, label, color }: { readonly id: string; readonly label: string; readonly color: string },
  { workers, from, unit, frame }: Scale,
): CustomSeriesOption {
  const rows = new Map(workers.map((worker, i) => [worker, i]));
  return {
    type: 'custom',
    id: `trials:${id}`,
    name: label,
    color,
    dimensions: ['start', 'row', 'trial', 'end'],
    encode: { x: [0, 3], y: 1 },
    data: attempts.map(({ trial, worker, startedAt, finishedAt }) => [
      (startedAt - from) / unit.ms,
      rows.get(worker)!,
      // Confirmations and references are no search trials.
      isSearchTrialId(trial) ? Number(trial) : -1,
      (finishedAt - from) / unit.ms,
    ]),
    clip: true,
    silent: !frame.interactive,
    cursor: 'pointer',
    renderItem: (_, api) => {
      const [left, middle] = api.coord([api.value(0), api.value(1)]) as [number, number];
      const [right] = api.coord([api.value(3), api.value(1)]) as [number];
      const height = ROW * 0.6;
      return {
        type: 'rect',
        // The shortest attempt can still be seen, and neighbors have a gap.
        shape: { x: left, y: middle - height / 2, width: Math.max(1.5, right - left - 0.5), height },
        style: { fill: color, opacity: 0.75 },
      };
    },
    ...createTip(frame, (event) => describeBar(event, attempts, label)),
  } as CustomSeriesOption;
}

function describeBar(
  event: MarkEvent & { dataIndex?: number },
  attempts: readonly AttemptData[],
  label: string,
): string[] {
  const attempt = attempts[event.dataIndex ?? -1];
  if (!attempt) return [];
  const seconds = (attempt.finishedAt - attempt.startedAt) / 1000;
  const trial = /^\d/.test(attempt.trial) ? `trial ${attempt.trial}` : attempt.trial;
  return [`${trial}, ${label}`, `${attempt.worker}, ${formatNumber(seconds)} s`];
}

function listNotes(all: number, shown: number): string[] {
  return shown < all ? [`The latest ${formatCount(shown)} of ${formatCount(all)} attempts.`] : [];
}

function describeTimeline(shown: readonly AttemptData[], workers: readonly string[]): string {
  const counts = outcomes.flatMap(({ name }) => {
    const count = shown.filter(({ outcome }) => outcome === name).length;
    return count ? [`${formatCount(count)} ${name}`] : [];
  });
  return `${formatPlural(shown.length, 'attempt')} of ${formatPlural(workers.length, 'worker')}: ${counts.join(', ')}.`;
}
