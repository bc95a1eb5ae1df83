import type { SeriesOption } from 'echarts';
import type { OutcomeData, ParetoData } from '../report/data.ts';
import { formatCount, formatNumber, formatPlural } from '../text/numbers.ts';
import { chooseExtent, createXAxis, createYAxis, type Extent, findXExtent, limitSize } from './axis.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, lineIcons, measureTop } from './layout.ts';
import { createLine } from './lines.ts';
import { createPointSeries, type PointArea, readPoint, symbols, type TrialPoint } from './points.ts';
import { chooseSeriesColor } from './theme.ts';
import { createTip, type MarkEvent } from './tooltip.ts';

const HEIGHT = 340;
const TITLE = 'The Pareto front';
const kinds = ['dominated', 'infeasible', 'front'] as const;
type Kind = OutcomeData['kind'];
const colors: Readonly<Record<Kind, number>> = { front: 2, dominated: 0, infeasible: 5 };
const icons: Readonly<Record<Kind, string>> = {
  front: 'diamond',
  dominated: symbols.result,
  infeasible: symbols.square,
};

/**
 * Draws the outcomes of trials in the plane of the first two objectives: those on the front, those that others
 * dominate, and those that violate measured constraints. With two objectives, a line shows what the front dominates.
 * The third of three is in the table and in what a point says.
 */
export function drawPareto(data: ParetoData, frame: Frame): Figure {
  const { objectives, outcomes } = data;
  const front = outcomes.filter(({ kind }) => kind === 'front');
  if (!front.length) return createMessage(TITLE, 'No trial is on the front.', frame);
  const [first, second] = objectives as [ParetoData['objectives'][0], ParetoData['objectives'][0]];
  const x = findPaddedExtent(outcomes.map(({ values }) => values[0]!));
  const y = chooseExtent(findXExtent(outcomes.map(({ values }) => limitSize(values[1]!))), false);
  const entries = kinds.flatMap((kind): (LegendEntry & { kind: Kind; icon: string })[] => {
    const count = outcomes.filter((one) => one.kind === kind).length;
    const name = kind === 'front' ? 'on the front' : kind;
    return count ? [{ kind, name: `${name} ${formatCount(count)}`, icon: icons[kind] }] : [];
  });
  const line = objectives.length === 2 ? createFrontLine(front, data, { y, frame }) : null;
  const legend: LegendEntry[] = line ? [...entries, { name: LINE, icon: lineIcons.solid }] : entries;
  const top = measureTop(legend, frame);
  const area: PointArea = { x, y, width: frame.width - 60, height: HEIGHT - 50 };
  const groups = entries.map(({ kind, name, icon }) => ({
    id: `trials:${kind}`,
    name,
    color: chooseSeriesColor(frame.theme, colors[kind]),
    symbol: icon,
    points: outcomes
      .filter((one) => one.kind === kind)
      .map(({ number, values }): TrialPoint => [limitSize(values[0]!), limitSize(values[1]!), number, values[1]!]),
  }));
  const byNumber = new Map(outcomes.map((one) => [one.number, one]));
  const tip = createTip(frame, (event) => describePoint(event, data, byNumber));
  return {
    title: TITLE,
    description: describeFront(data, front.length),
    notes: objectives.length > 2 ? [`The front of ${objectives.length} objectives, seen in the first two.`] : [],
    height: HEIGHT + top,
    option: {
      ...createBase(frame),
      legend: createLegend(legend, frame),
      grid: { left: 4, right: 16, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: createXAxis(frame, { name: nameAxis(first), extent: x }),
      yAxis: createYAxis(frame, { name: nameAxis(second), extent: y }),
      series: [
        ...createPointSeries(groups, area, frame).map((series) => ({ ...series, ...tip }) as SeriesOption),
        ...(line ? [line] : []),
      ],
    },
    toTable: () => ({
      columns: ['trial', 'kind', ...objectives.map(({ name }) => name)],
      rows: outcomes.map(({ number, kind, values }) => [number, kind, ...values]),
    }),
  };
}

const LINE = 'border of what it dominates';

/** Creates the steps of the front, from its first trial on, by the first objective. */
function createFrontLine(
  front: readonly OutcomeData[],
  { objectives }: ParetoData,
  { y, frame }: { y: Extent; frame: Frame },
): SeriesOption {
  const sorted = front
    .map(({ values }) => [limitSize(values[0]!), limitSize(values[1]!)] as const)
    .toSorted((a, b) => a[0] - b[0]);
  // From the worse side, the border goes along the first objective and then up or down to the next trial.
  const isAscending = objectives[0]!.direction === 'minimize';
  const worstY = objectives[1]!.direction === 'minimize' ? y[1] : y[0];
  const ends = isAscending ? [[sorted[0]![0], worstY] as const] : [];
  const starts = isAscending ? [] : [[sorted.at(-1)![0], worstY] as const];
  const places = [...ends, ...sorted, ...starts];
  const steps = places.flatMap(([px, py], i) => {
    const next = places[i + 1];
    if (!next) return [[px, py] as const];
    return [[px, py] as const, isAscending ? ([next[0], py] as const) : ([px, next[1]] as const)];
  });
  const color = chooseSeriesColor(frame.theme, colors.front);
  return { ...createLine({ id: 'front', name: LINE, color, places: steps, z: 2 }, frame), sampling: undefined };
}

function nameAxis({ name, direction }: ParetoData['objectives'][number]): string {
  return `${name} (${direction === 'minimize' ? 'lower' : 'higher'} is better)`;
}

function findPaddedExtent(values: readonly number[]): Extent {
  const [low, high] = findXExtent(values.map(limitSize));
  const room = 0.04 * (high - low);
  return [low - room, high + room];
}

function describePoint(
  event: MarkEvent,
  { objectives }: ParetoData,
  byNumber: ReadonlyMap<number, OutcomeData>,
): string[] {
  const outcome = byNumber.get(readPoint(event)?.[2] ?? Number.NaN);
  if (!outcome) return [];
  return [
    `trial ${outcome.number}, ${outcome.kind === 'front' ? 'on the front' : outcome.kind}`,
    ...objectives.map(({ name }, m) => `${name} ${formatNumber(outcome.values[m]!)}`),
  ];
}

function describeFront({ objectives, hypervolume, reference, outcomes }: ParetoData, count: number): string {
  const names = objectives.map(({ name }) => name).join(', ');
  const shown = `${formatPlural(count, 'trial')} of ${formatCount(outcomes.length)} on the Pareto front of ${names}.`;
  if (!reference) return shown;
  const from = reference.map(formatNumber).join(', ');
  return `${shown} Hypervolume ${formatNumber(hypervolume)} from the reference ${from}.`;
}
