import type { BaselineData, ConfirmationData, MetricData, ReferenceData } from '../report/data.ts';
import {
  AXIS_HEIGHT,
  type FigureOptions,
  type Plot,
  drawMessage,
  figure,
  drawHorizontalAxis,
  label,
  chooseSize,
} from '../svg/frame.ts';
import { type Markup, element, join } from '../svg/markup.ts';
import { measureText } from '../svg/metrics.ts';
import { findExtent, formatInterval, isFiniteNumber, formatPlural, formatSigned } from '../svg/numbers.ts';
import { type Scale, createLinearScale } from '../svg/scale.ts';

export interface ConfirmData {
  readonly metric: MetricData;
  readonly reference: Pick<ReferenceData, 'name' | 'label'> | null;
  readonly confirmations: readonly ConfirmationData[];
  /** The null hypotheses, below the points. */
  readonly baselines?: readonly BaselineData[];
}

/** One candidate of the figure. */
interface Row extends Pick<ConfirmationData, 'mean' | 'interval'> {
  readonly name: string;
  readonly gains: readonly { readonly gain: number }[];
}

const UNNAMED = { name: 'the reference', label: 'the reference' };

/** Height of one candidate. */
const ROW = 46;

/**
 * Draws paired gains over the reference on fresh seeds, of points and baselines: for each candidate one dot per seed,
 * and the mean with its 95 % interval. Right of the zero line is better, for both directions of the metric.
 */
export function drawConfirmations(data: ConfirmData, options: FigureOptions = {}): string {
  const rows = listRows(data).filter(
    ({ gains, mean }) => isFiniteNumber(mean) && gains.some(({ gain }) => isFiniteNumber(gain)),
  );
  const { width, height } = chooseSize(options, 720, 44 + Math.max(2, rows.length) * ROW + AXIS_HEIGHT);
  const id = options.id ?? 'confirm';
  const title = options.title ?? 'Gain on fresh seeds';
  const extent = findExtent(
    rows.flatMap(({ gains, mean, interval }) => [0, mean, ...(interval ?? []), ...gains.map(({ gain }) => gain)]),
  );
  if (!extent) return drawMessage(id, title, 'Nothing has been confirmed on fresh seeds yet.', { width, height });

  const results = rows.map(formatResult);
  const names = rows.map(({ name }) => name);
  const plot: Plot = {
    left: Math.max(...names.map((name) => measureText(name))) + 16,
    right: width - Math.max(...results.map((result) => measureText(result))) - 16,
    top: 30,
    bottom: height - AXIS_HEIGHT,
  };
  const margin = (extent[1] - extent[0]) * 0.04;
  const x = createLinearScale([extent[0] - margin, extent[1] + margin], [plot.left, plot.right], { nice: true });
  const { label: reference } = data.reference ?? UNNAMED;
  const step = (plot.bottom - plot.top) / rows.length;
  return figure({ id, title, description: describeConfirmations(data, rows), width, height }, [
    ...drawGround(x, plot, { width, reference }),
    drawHorizontalAxis(x, plot, `gain in ${data.metric.name} over ${reference}`),
    ...rows.map((row, i) => drawRow(row, results[i]!, x, plot, plot.top + (i + 0.5) * step)),
  ]);
}

function listRows({ confirmations, baselines = [] }: ConfirmData): Row[] {
  const points = confirmations.map(({ number, ...row }) => ({ name: `trial ${number}`, ...row }));
  const nulls = baselines.flatMap(({ name, gain }) =>
    gain ? [{ name: name === 'constant' ? 'best constant' : 'best rate', ...gain }] : [],
  );
  return [...points, ...nulls];
}

/** Draws the shaded better side, the zero line, and the names of the sides. */
function drawGround(x: Scale, plot: Plot, { width, reference }: { width: number; reference: string }): Markup[] {
  const zero = x.place(0);
  const worse = 'worse';
  const named = `better than ${reference}`;
  const better = zero + 8 + measureText(named) <= width ? named : 'better';
  return [
    element('rect', {
      class: 'shade',
      x: zero,
      y: plot.top,
      width: Math.max(0, plot.right - zero),
      height: plot.bottom - plot.top,
    }),
    element('line', { class: 'axis', x1: zero, x2: zero, y1: plot.top - 6, y2: plot.bottom }),
    ...(zero - plot.left > measureText(worse) + 8
      ? [label(worse, zero - 8, plot.top - 12, { class: 'soft', anchor: 'end' })]
      : []),
    label(better, zero + 8, plot.top - 12, { class: 'soft' }),
  ];
}

/** Vermilion if the interval is below zero, green if above, gray if it contains zero. */
function chooseColor({ interval }: Row): string {
  if (!interval || !(interval[0] > 0 || interval[1] < 0)) return 'ref';
  return interval[0] > 0 ? 'c3' : 'c2';
}

function drawRow(row: Row, result: string, x: Scale, plot: Plot, y: number): Markup {
  const color = chooseColor(row);
  const dots = row.gains.filter(({ gain }) => isFiniteNumber(gain));
  return join([
    label(row.name, plot.left - 12, y + 4, { anchor: 'end' }),
    ...dots.map(({ gain }) => element('circle', { class: 'hollow ref', cx: x.place(gain), cy: y - 9, r: 3.5 })),
    ...(row.interval?.every(isFiniteNumber)
      ? [drawWhiskers(x.place(row.interval[0]), x.place(row.interval[1]), y + 7, color)]
      : []),
    element('circle', { class: `fill ${color}`, cx: x.place(row.mean), cy: y + 7, r: 5 }),
    label(result, plot.right + 12, y + 4, { class: color === 'ref' ? 'soft' : `tint ${color}` }),
  ]);
}

function drawWhiskers(from: number, to: number, y: number, color: string): Markup {
  const ends = [from, to].map((x) => element('line', { class: `line ${color}`, x1: x, x2: x, y1: y - 5, y2: y + 5 }));
  return join([element('line', { class: `line ${color}`, x1: from, x2: to, y1: y, y2: y }), ...ends]);
}

function formatResult({ mean, interval, gains }: Row): string {
  if (!interval) return `${formatSigned(mean)}, ${formatPlural(gains.length, 'pair')}: no interval`;
  const written = formatInterval(mean, interval);
  return `${formatSigned(mean, written.mean)} [${written.low}, ${written.high}]`;
}

function describeConfirmations({ metric, reference }: ConfirmData, rows: readonly Row[]): string {
  const points = rows.map((row) => `${row.name}: ${formatResult(row)} over ${row.gains.length} seeds`);
  return (
    `Mean gain in ${metric.name} over ${(reference ?? UNNAMED).name} with its 95 % interval; positive is better. ` +
    `${points.join('; ')}.`
  );
}
