import type { SeriesOption } from 'echarts';
import type { CurveMeaning, MetricData, RunData, TrialStateData } from '../report/data.ts';
import { nameTrial } from '../report/name-point.ts';
import { formatCount, formatNumber, formatPlural } from '../text/numbers.ts';
import { canUseLog, chooseExtent, createXAxis, createYAxis, type Extent, limitSize } from './axis.ts';
import { computeBulkExtent } from './bulk.ts';
import { computeRunningMean } from './decimate.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, lineIcons, measureTop } from './layout.ts';
import { createLine } from './lines.ts';
import { symbols } from './points.ts';
import { chooseSeriesColor } from './theme.ts';
import { createTip, type MarkEvent } from './tooltip.ts';

/** A trial with the values that it has reported so far. */
export interface ReportedTrial {
  readonly number: number;
  /** What its point is known as, such as GELU. */
  readonly name?: string | undefined;
  readonly state: TrialStateData;
  readonly run: RunData;
}

export interface AllCurvesData {
  readonly meaning: CurveMeaning;
  readonly direction: MetricData['direction'];
  readonly trials: readonly ReportedTrial[];
  /** Number of the best trial; its line is wide. */
  readonly best: number | null;
  /** Trials of the job, of which `trials` may be a part. */
  readonly total: number;
}

const HEIGHT = 320;
/** A line of losses is the running mean over this part of it. */
const SMOOTHING = 15;

/** Groups in the order of the legend; later ones are below. Numbers are indices of series colors, null is gray. */
const groups = [
  { name: 'best', color: 2 },
  { name: 'running', color: 5 },
  { name: 'pruned', color: 4 },
  { name: 'diverged', color: 1 },
  { name: 'failed', color: 3 },
  { name: 'complete', color: 0 },
] as const;

type Group = (typeof groups)[number];

/** A curve as it is drawn. */
interface DrawnTrial extends ReportedTrial {
  readonly group: Group;
  readonly places: readonly (readonly [step: number, value: number])[];
}

/**
 * Draws the values of many trials by step, each as a thin line with a mark at its end. The mark of a pruned trial
 * points to where its value lies; it stopped there.
 */
export function drawAllCurves(data: AllCurvesData, frame: Frame): Figure {
  const title = isLoss(data.meaning) ? 'Loss of all trials' : 'Reported values of all trials';
  const drawn = data.trials.map((trial) => prepareTrial(trial, data)).filter(({ places }) => places.length);
  const bulk = computeBulkExtent(
    drawn.flatMap(({ places }) => places.map(([, value]) => value)),
    data.direction,
    null,
  );
  if (!bulk) return createMessage(title, 'No trial has reported a value.', frame);
  const last = drawn.reduce((most, { places }) => Math.max(most, places.at(-1)![0]), 1);
  const x: Extent = last > 1 ? [1, last] : [0, 2];
  const log = canUseLog(frame, bulk);
  const y = chooseExtent(bulk, log);
  const legend = listEntries(drawn);
  const top = measureTop(legend, frame);
  return {
    title,
    description: describeAll(data, drawn),
    notes: listNotes(data, drawn, y),
    height: HEIGHT + top,
    option: {
      ...createBase(frame),
      legend: createLegend(legend, frame),
      grid: { left: 4, right: 16, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: createXAxis(frame, { name: isLoss(data.meaning) ? 'training step' : 'step', extent: x, integer: true }),
      yAxis: createYAxis(frame, { name: data.meaning.quantity, extent: y, log }),
      series: [
        ...drawn.map((trial) => createTrialLine(trial, frame)),
        ...groups.flatMap((group) => createEnds(group, { drawn, y, frame })),
      ],
    },
    toTable: () => ({
      columns: ['trial', 'state', 'step', data.meaning.quantity],
      rows: drawn.flatMap(({ number, state, places }) =>
        places.map(([step, value]): [number, string, number, number] => [number, state, step, value]),
      ),
    }),
  };
}

function isLoss({ cap }: CurveMeaning): boolean {
  return cap !== null;
}

function prepareTrial(trial: ReportedTrial, { meaning: { cap }, best }: AllCurvesData): DrawnTrial {
  const { steps, values: read } = trial.run;
  const limit = cap ?? Infinity;
  // Losses of single batches differ so much that their lines would cover each other.
  const values = cap === null ? read : computeRunningMean(read, Math.round(read.length / SMOOTHING));
  const places = Array.from(steps).flatMap((step, i): [number, number][] =>
    Number.isFinite(step) && Number.isFinite(values[i]) ? [[step, limitSize(Math.min(values[i]!, limit))]] : [],
  );
  const state = trial.number === best ? 'best' : trial.state;
  return { ...trial, places, group: groups.find(({ name }) => name === state) ?? groups.at(-1)! };
}

function listEntries(drawn: readonly DrawnTrial[]): LegendEntry[] {
  return groups.flatMap((group): LegendEntry[] => {
    const count = drawn.filter((trial) => trial.group === group).length;
    const icon = ends[group.name] ?? lineIcons.solid;
    return count ? [{ name: nameGroup(group, drawn), icon }] : [];
  });
}

function nameGroup(group: Group, drawn: readonly DrawnTrial[]): string {
  if (group.name === 'best') {
    const best = drawn.find((trial) => trial.group === group);
    return `best, ${nameTrial(best?.number ?? 0, best?.name)}`;
  }
  return group.name;
}

function createTrialLine(trial: DrawnTrial, frame: Frame): SeriesOption {
  const { group, number, places } = trial;
  const isBest = group.name === 'best';
  const line = createLine(
    {
      id: `trial:${number}`,
      name: nameGroup(group, [trial]),
      color: chooseSeriesColor(frame.theme, group.color),
      places,
      width: isBest ? 2.5 : 1,
      opacity: isBest || group.name === 'running' ? 1 : 0.45,
      z: 3 + groups.length - groups.indexOf(group),
    },
    frame,
  );
  return {
    ...line,
    showSymbol: false,
    emphasis: { disabled: !frame.interactive, lineStyle: { width: 3, opacity: 1 } },
  } as SeriesOption;
}

interface Ends {
  readonly drawn: readonly DrawnTrial[];
  readonly y: Extent;
  readonly frame: Frame;
}

/** The marks at the ends of lines. The last value of a pruned trial is no bound of its result. */
const ends: Partial<Record<Group['name'], string>> = {
  pruned: 'rect',
  diverged: symbols.cross,
  failed: symbols.tick,
};

/** Creates the marks at the ends of the lines of a group. */
function createEnds(group: Group, { drawn, y, frame }: Ends): SeriesOption[] {
  const trials = drawn.filter((trial) => trial.group === group);
  if (!trials.length) return [];
  const symbol = ends[group.name] ?? symbols.result;
  const names = new Map(trials.map(({ number, name }) => [number, name]));
  return [
    {
      type: 'scatter',
      id: `trials:${group.name}:ends`,
      name: nameGroup(group, trials),
      data: trials.map(({ number, places }) => {
        const [step, value] = places.at(-1)!;
        return [step, Math.min(y[1], Math.max(y[0], value)), number, value];
      }),
      symbol,
      symbolSize: group.name === 'pruned' ? 7 : 6,
      symbolKeepAspect: true,
      itemStyle: { color: chooseSeriesColor(frame.theme, group.color), opacity: 1 },
      silent: !frame.interactive,
      cursor: 'pointer',
      emphasis: { disabled: true },
      z: 10 + groups.length - groups.indexOf(group),
      ...createTip(frame, (event) => describeEnd(event, group, names)),
    } as SeriesOption,
  ];
}

function describeEnd({ value }: MarkEvent, group: Group, names: ReadonlyMap<number, string | undefined>): string[] {
  if (!Array.isArray(value)) return [];
  const [step, , number, exact] = value as [number, number, number, number];
  const state = group.name === 'best' ? 'complete' : group.name;
  return [`${nameTrial(number, names.get(number))}, ${state}`, `${formatNumber(exact)} at step ${formatCount(step)}`];
}

function listNotes(
  { meaning, trials, total }: AllCurvesData,
  drawn: readonly DrawnTrial[],
  [low, high]: Extent,
): string[] {
  const notes = isLoss(meaning) ? ['Lines are running means.'] : [];
  if (trials.length < total)
    notes.push(`${formatCount(trials.length)} of ${formatCount(total)} trials: the best, those that run, the latest.`);
  const clipped = drawn.filter(({ places }) => places.at(-1)![1] < low || places.at(-1)![1] > high).length;
  if (clipped) notes.push(`${formatPlural(clipped, 'line')} of them end beyond the scale, at its border.`);
  return notes;
}

function describeAll({ meaning }: AllCurvesData, drawn: readonly DrawnTrial[]): string {
  const counts = groups.flatMap(({ name }) => {
    const count = drawn.filter(({ group }) => group.name === name).length;
    return count ? [`${formatCount(count)} ${name}`] : [];
  });
  const best = drawn.find(({ group }) => group.name === 'best');
  const end = best ? ` Trial ${best.number} ends at ${formatNumber(best.places.at(-1)![1])}.` : '';
  return `${meaning.quantity} by step, one line per trial: ${counts.join(', ')}.${end}`;
}
