import { classifyInterval } from '@gradsmith/core/domain';
import type { SeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';
import type { BaselineData, ConfirmationData, MetricData, ReferenceData } from '../report/data.ts';
import { describeDivergence, hasDivergedSeeds } from '../report/describe-divergence.ts';
import { nameTrial } from '../report/name-point.ts';
import { shortenText } from '../text/metrics.ts';
import { findExtent, formatInterval, formatPlural, formatSigned, isFiniteNumber } from '../text/numbers.ts';
import { chooseExtent, createXAxis, type Extent, limitSize, styleAxis } from './axis.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase } from './layout.ts';
import { chooseSeriesColor } from './theme.ts';
import { createTip, formatCell, type MarkEvent } from './tooltip.ts';

export interface ConfirmData {
  readonly metric: MetricData;
  readonly reference: Pick<ReferenceData, 'name' | 'label' | 'divergence'> | null;
  readonly confirmations: readonly ConfirmationData[];
  /** The null hypotheses, below the points. */
  readonly baselines?: readonly BaselineData[];
}

/** One candidate of the figure. */
interface Row extends Pick<ConfirmationData, 'mean' | 'interval'> {
  readonly name: string;
  /** −1 for a null hypothesis. */
  readonly number: number;
  /** Seeds are numbered from 0. */
  readonly gains: readonly { readonly seed: number; readonly gain: number }[];
}

const UNNAMED = { name: 'the reference', label: 'the reference' };
const TITLE = 'Gain on fresh seeds';

/** Height of one candidate, px. On a narrow figure its result is below its name. */
const ROW = 46;
const NARROW = 480;

/** Distances of the seeds and of the mean from the middle of a row, in rows. */
const SEEDS = -0.2;
const MEAN = 0.15;

/**
 * Draws paired gains over the reference on fresh seeds, of points and baselines: for each candidate one dot per seed,
 * and the mean with its 95 % interval. Right of the zero line is better, for both directions of the metric.
 */
export function drawConfirmations(data: ConfirmData, frame: Frame): Figure {
  const rows = listRows(data).filter(
    ({ gains, mean }) => isFiniteNumber(mean) && gains.some(({ gain }) => isFiniteNumber(gain)),
  );
  const extent = findExtent(
    rows.flatMap(({ gains, mean, interval }) => [0, mean, ...(interval ?? []), ...gains.map(({ gain }) => gain)]),
  );
  if (!extent) return createMessage(TITLE, 'Nothing has been confirmed on fresh seeds.', frame);
  const { label: reference } = data.reference ?? UNNAMED;
  const margin = (limitSize(extent[1]) - limitSize(extent[0])) * 0.04;
  const x = chooseExtent([extent[0] - margin, extent[1] + margin], false);
  return {
    title: TITLE,
    description: describeConfirmations(data, rows),
    notes: [`Right of the line at 0 is better than ${reference}.`, ...describeDiverged(data)],
    height: 60 + rows.length * ROW,
    option: {
      ...createBase(frame, 'none'),
      grid: { left: 4, right: 16, top: 8, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: createGainAxis(`gain in ${data.metric.name} over ${reference}`, x, frame),
      yAxis: createRowAxes(rows, frame),
      series: [createGround(x[1], frame), ...rows.flatMap((row, i) => createRow(row, i, frame))],
    },
    toTable: () => ({
      columns: ['candidate', 'seed', 'gain'],
      rows: rows.flatMap(({ name, gains, mean, interval }) => [
        ...gains.map(({ seed, gain }): [string, string, number] => [name, String(seed + 1), gain]),
        [name, 'mean', mean],
        ...(interval ? [[name, '95 % low', interval[0]] as const, [name, '95 % high', interval[1]] as const] : []),
      ]),
    }),
  };
}

/** Says that the reference diverged under some of the seeds. */
function describeDiverged({ reference }: ConfirmData): string[] {
  if (!reference || !hasDivergedSeeds(reference.divergence)) return [];
  return [describeDivergence(reference.name, reference.divergence)!];
}

/** The name ends at the right end of the axis: on a narrow figure it is wider than the plot. */
function createGainAxis(name: string, extent: Extent, frame: Frame): XAXisComponentOption {
  const { theme, width } = frame;
  const axis = createXAxis(frame, { name, extent });
  return {
    ...axis,
    name: shortenText(name, width * 0.9, theme.fontSize),
    nameLocation: 'end',
    nameGap: 0,
    nameTextStyle: { ...axis.nameTextStyle, align: 'right', verticalAlign: 'top', padding: [24, 0, 0, 0] },
    splitLine: { show: true, lineStyle: { color: theme.grid } },
  } as XAXisComponentOption;
}

function listRows({ confirmations, baselines = [] }: ConfirmData): Row[] {
  const points = confirmations.map((row) => ({
    ...row,
    name: nameTrial(row.number, row.name),
  }));
  const nulls = baselines.flatMap(({ name, gain }) => {
    if (!gain) return [];
    const gains = gain.gains.map(({ seedIndex, gain: value }) => ({ seed: seedIndex, gain: value }));
    return [{ ...gain, name: name === 'constant' ? 'best constant' : 'best rate', number: -1, gains }];
  });
  return [...points, ...nulls];
}

/** Names on the left, results on the right. */
function createRowAxes(rows: readonly Row[], frame: Frame): YAXisComponentOption[] {
  const style = styleAxis(frame);
  const isNarrow = frame.width < NARROW;
  const create = (position: 'left' | 'right', label: (row: Row) => string): YAXisComponentOption => ({
    type: 'value',
    min: -0.5,
    max: rows.length - 0.5,
    inverse: true,
    position,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      ...style.axisLabel,
      hideOverlap: false,
      customValues: rows.map((_, i) => i),
      formatter: (i: number) => (rows[i] ? label(rows[i]) : ''),
      color: (i?: number | string) => chooseRowColor(rows[Number(i)], position, frame),
      lineHeight: 15,
    },
  });
  const left = create('left', (row) =>
    isNarrow ? `${shortenName(row, frame)}\n${formatResult(row)}` : shortenName(row, frame),
  );
  return isNarrow ? [left] : [left, create('right', formatResult)];
}

function shortenName({ name }: Row, { width, theme }: Frame): string {
  return shortenText(name, width * 0.4, theme.fontSize);
}

function chooseRowColor(row: Row | undefined, position: 'left' | 'right', frame: Frame): string {
  return row && position === 'right' ? chooseColor(row, frame) : frame.theme.ink;
}

/** Vermilion if the interval is below zero, green if above, gray if it contains zero. */
function chooseColor({ interval }: Row, { theme }: Frame): string {
  const kind = interval ? classifyInterval(interval) : 'unclear';
  if (kind === 'unclear') return theme.muted;
  return chooseSeriesColor(theme, kind === 'better' ? 2 : 1);
}

/** Creates the shaded better side and the zero line. */
function createGround(high: number, { theme }: Frame): SeriesOption {
  return {
    type: 'line',
    id: 'ground',
    data: [],
    silent: true,
    markArea: { silent: true, itemStyle: { color: theme.shade }, data: [[{ xAxis: 0 }, { xAxis: high }]] },
    markLine: {
      silent: true,
      symbol: 'none',
      label: { show: false },
      lineStyle: { color: theme.muted, type: 'solid', width: 1 },
      data: [{ xAxis: 0 }],
    },
  };
}

function createRow(row: Row, i: number, frame: Frame): SeriesOption[] {
  const color = chooseColor(row, frame);
  const { theme } = frame;
  const seeds = row.gains.filter(({ gain }) => isFiniteNumber(gain)).map(({ gain }) => limitSize(gain));
  const tip = createTip(frame, (event) => describeMark(event, row));
  const series: SeriesOption[] = [
    {
      type: 'scatter',
      id: `trials:${i}:seeds`,
      data: seeds.map((gain) => [gain, i + SEEDS, row.number]),
      symbol: 'circle',
      symbolSize: 7,
      itemStyle: { color: theme.surface, borderColor: theme.muted, borderWidth: 1.5, opacity: 1 },
      silent: !frame.interactive,
      emphasis: { disabled: true },
      ...tip,
    },
    {
      type: 'scatter',
      id: `trials:${i}:mean`,
      data: [[limitSize(row.mean), i + MEAN, row.number]],
      symbol: 'circle',
      symbolSize: 10,
      itemStyle: { color, opacity: 1 },
      silent: !frame.interactive,
      emphasis: { disabled: true },
      z: 4,
      ...tip,
    },
  ];
  if (row.interval?.every(isFiniteNumber))
    series.push({
      type: 'line',
      id: `${i}:interval`,
      data: row.interval.map((end) => [limitSize(end), i + MEAN]),
      symbol: 'rect',
      symbolSize: [2, 10],
      showSymbol: true,
      itemStyle: { color },
      lineStyle: { color, width: 2 },
      silent: true,
      emphasis: { disabled: true },
      z: 3,
    });
  return series;
}

function describeMark({ value, seriesId }: MarkEvent, row: Row): string[] {
  const isMean = seriesId?.endsWith(':mean') ?? false;
  if (isMean) return [row.name, formatResult(row)];
  return [row.name, `one seed: ${formatCell(Array.isArray(value) ? (value[0] as number) : null)}`];
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
