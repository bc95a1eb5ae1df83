import type { MetricData, ReferenceData, TrialData } from '../report/data.ts';
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
import { type Crowd, type Shape, marker, scatter } from '../svg/markers.ts';
import { type Markup, element, join } from '../svg/markup.ts';
import { LINE_HEIGHT, textWidth } from '../svg/metrics.ts';
import { formatCount, formatNumber, isFiniteNumber } from '../svg/numbers.ts';
import { stepPath } from '../svg/path.ts';
import { type Scale, linearScale } from '../svg/scale.ts';
import { bulkExtent } from './bulk.ts';

export interface SearchData {
  readonly metric: MetricData;
  readonly trials: readonly TrialData[];
  readonly reference: ReferenceData | null;
}

const states = [
  { state: 'complete', shape: 'dot', colour: 'c1' },
  { state: 'pruned', shape: 'diamond', colour: 'c5' },
  { state: 'diverged', shape: 'cross', colour: 'c2' },
  { state: 'failed', shape: 'tick', colour: 'c4' },
] as const satisfies readonly { state: TrialData['state']; shape: Shape; colour: string }[];

interface KeyEntry {
  readonly shape: Shape;
  readonly colour: string;
  readonly name: string;
}

/**
 * Value of every trial by its number, the best value so far, and plain backpropagation as a line across. Values far
 * from the bulk lie on the frame's border; failed trials, which have no value, stand on the base line. Many trials are
 * drawn as a density, so that the figure stays small.
 */
export function searchFigure(data: SearchData, options: FigureOptions = {}): string {
  const { width, height } = sizeOf(options, 720, 360);
  const id = options.id ?? 'search';
  const title = options.title ?? 'The search, trial by trial';
  const settled = data.trials
    .filter((trial) => states.some(({ state }) => state === trial.state) && isFiniteNumber(trial.number))
    .map((trial) => ({
      ...trial,
      value: trial.state !== 'failed' && isFiniteNumber(trial.value) ? trial.value : null,
    }));
  const reference = isFiniteNumber(data.reference?.value) ? data.reference.value : null;
  const values = settled.filter(({ state }) => state === 'complete').map(({ value }) => value);
  const extent =
    bulkExtent(values, data.metric.direction, reference) ??
    bulkExtent(
      settled.map(({ value }) => value),
      data.metric.direction,
      null,
    );
  if (!settled.length || !extent)
    return emptyFigure(id, title, settled.length ? 'No trial has a value yet.' : 'No trial has settled yet.', {
      width,
      height,
    });

  const improvements = bestSoFar(settled, data.metric.direction);
  const names = [...(reference === null ? [] : ['backpropagation']), ...(improvements.length ? ['best so far'] : [])];
  const room = endLabelRoom(names, width * 0.3);
  const keyRows = rowsOf(keyEntries(settled), width);
  const [top, bottom] = [34 + keyRows.length * LINE_HEIGHT, height - AXIS_ROOM];
  const y = linearScale(extent, [bottom - 14, top], { nice: true });
  const ticks = y.ticks((bottom - top) / 55);
  const plot: Plot = { left: tickRoom(ticks), right: width - room, top, bottom };
  const last = settled.reduce((max, { number }) => Math.max(max, number), 0);
  const x = linearScale([0, Math.max(1, last)], [plot.left + 8, plot.right - 8], { integer: true });
  const beyond = settled.some(({ value }) => isFiniteNumber(value) && (value < y.domain[0] || value > y.domain[1]));
  const groups = groupsOf(settled, x, y, bottom - 7);

  return figure({ id, title, description: describe(data, settled, improvements, reference), width, height }, [
    verticalAxis(y, ticks, plot, `${data.metric.name}${beyond ? ' (beyond the scale: on its border)' : ''}`),
    horizontalAxis(x, plot, 'trial'),
    key(keyRows, width),
    scatter(groups.toReversed()),
    ...lines(improvements, reference, x, y, plot, room),
  ]);
}

function groupsOf(settled: readonly TrialData[], x: Scale, y: Scale, base: number): Crowd[] {
  return states.flatMap(({ state, shape, colour }) => {
    const trials = settled.filter((trial) => trial.state === state);
    const places = trials.map(
      ({ number, value }) => [x.place(number), isFiniteNumber(value) ? y.place(value) : base] as const,
    );
    return trials.length ? [{ shape, colour, places }] : [];
  });
}

/** Complete trials that were better than all before them, by number. */
function bestSoFar(
  settled: readonly TrialData[],
  direction: MetricData['direction'],
): { number: number; value: number }[] {
  const found: { number: number; value: number }[] = [];
  for (const { state, number, value } of settled.toSorted((a, b) => a.number - b.number)) {
    if (state !== 'complete' || !isFiniteNumber(value)) continue;
    const best = found.at(-1)?.value;
    if (best === undefined || (direction === 'minimize' ? value < best : value > best)) found.push({ number, value });
  }
  return found;
}

function lines(
  improvements: readonly { number: number; value: number }[],
  reference: number | null,
  x: Scale,
  y: Scale,
  plot: Plot,
  room: number,
): Markup[] {
  const steps = improvements.map(({ number, value }) => [x.place(number), y.place(value)] as const);
  const end = steps.at(-1);
  const ends = [
    ...(reference === null ? [] : [{ name: 'backpropagation', y: y.place(reference), class: 'ref' }]),
    ...(end ? [{ name: 'best so far', y: end[1], class: 'c3' }] : []),
  ];
  return [
    ...(reference === null
      ? []
      : [
          element('line', {
            class: 'line ref dash',
            x1: plot.left,
            x2: plot.right,
            y1: y.place(reference),
            y2: y.place(reference),
          }),
        ]),
    ...(end
      ? [
          element('path', { class: 'line c3', d: stepPath([...steps, [plot.right, end[1]]]) }),
          marker('ring', end, 'c3'),
        ]
      : []),
    endLabels(ends, plot.right, room, plot.top, plot.bottom),
  ];
}

function keyEntries(settled: readonly TrialData[]): KeyEntry[] {
  return states.flatMap(({ state, shape, colour }) => {
    const count = settled.filter((trial) => trial.state === state).length;
    return count ? [{ shape, colour, name: `${state} ${formatCount(count)}` }] : [];
  });
}

/** Room for a marker before its name and for a gap after it. */
const KEY_ROOM = 34;

/** The entries in as few rows as the width allows. */
function rowsOf(entries: readonly KeyEntry[], width: number): KeyEntry[][] {
  const rows: KeyEntry[][] = [];
  let used = Infinity;
  for (const entry of entries) {
    used += textWidth(entry.name) + KEY_ROOM;
    if (used <= width) rows.at(-1)!.push(entry);
    else {
      rows.push([entry]);
      used = textWidth(entry.name) + KEY_ROOM;
    }
  }
  return rows;
}

/** What the markers mean, with counts, right-aligned above the plot. */
function key(rows: readonly KeyEntry[][], width: number): Markup {
  const marks = rows.flatMap((row, i) => {
    let x = width - 4;
    return row.toReversed().flatMap(({ shape, colour, name }) => {
      x -= textWidth(name);
      const [at, y] = [x, 14 + i * LINE_HEIGHT];
      x -= KEY_ROOM;
      return [label(name, at, y, { class: 'soft' }), marker(shape, [at - 10, y - 4], colour)];
    });
  });
  return join(marks);
}

function describe(
  data: SearchData,
  settled: readonly TrialData[],
  improvements: readonly { number: number; value: number }[],
  reference: number | null,
): string {
  const counts = states
    .map(({ state }) => [state, settled.filter((trial) => trial.state === state).length] as const)
    .filter(([, count]) => count);
  const best = improvements.at(-1);
  return [
    `${data.metric.name} by trial: ${counts.map(([state, count]) => `${formatCount(count)} ${state}`).join(', ')}.`,
    ...(best ? [`Best ${formatNumber(best.value)} at trial ${best.number}.`] : []),
    ...(reference === null ? [] : [`Backpropagation ${formatNumber(reference)}.`]),
  ].join(' ');
}
