import type { GridComponentOption, SeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';
import {
  type MetricData,
  type ModelData,
  type ParameterData,
  type ParetoData,
  readValue,
  type TrialData,
} from '../report/data.ts';
import {
  type CompleteTrial,
  isComplete,
  listMarkedTrials,
  nameMarkedTrials,
  rankCompleteTrials,
} from '../report/rank-complete-trials.ts';
import { measureText } from '../text/metrics.ts';
import { formatCount, formatNumber, formatPlural } from '../text/numbers.ts';
import { chooseExtent, createTickFormat, createYAxis, type Extent, limitSize } from './axis.ts';
import { computeBulkExtent } from './bulk.ts';
import type { Band } from './decimate.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, lineIcons, measureLegend } from './layout.ts';
import { createBand, createLine } from './lines.ts';
import { createParameterAxis, isFree, type ParameterAxis } from './parameter-axis.ts';
import { createPointSeries, mergeClose, type PointArea, readPoint, symbols, type TrialPoint } from './points.ts';
import { chooseSeriesColor } from './theme.ts';
import { createTip, formatCell, type MarkEvent } from './tooltip.ts';

export interface SliceData {
  readonly metric: MetricData;
  readonly parameters: readonly ParameterData[];
  readonly trials: readonly TrialData[];
  /** Shown where it is known. */
  readonly model?: ModelData | null;
  /** With several objectives, the front is circled. */
  readonly pareto?: ParetoData | null;
}

/** Limit of panels; more would be too small to read. The figure says if some are omitted. */
const PANELS = 12;
const PANEL_HEIGHT = 190;
/** Height of tick labels and the axis name below a panel, px. */
const BELOW = 46;
/** The gap between panels, px. */
const GAP = 22;
const TITLE = 'Value by parameter';
/** Number of trials above which panels show densities. */
const LIMIT = 400;
/** Points of all panels of an interactive figure, at most: of more, a reader sees no more, and waits for seconds. */
const POINTS = 50_000;
/** Intervals of the vertical axis. */
const STEPS = 3;

/** Draws the value against each free parameter, one panel per parameter. The best trial, or the front, is circled. */
export function drawSlices(data: SliceData, frame: Frame): Figure {
  const free = data.parameters.filter(isFree);
  const shown = free.slice(0, PANELS);
  const complete = data.trials.filter(isComplete).map(limitValue);
  const bulk = computeBulkExtent(
    complete.map(({ value }) => value),
    data.metric.direction,
    null,
  );
  if (!shown.length || !bulk)
    return createMessage(TITLE, shown.length ? 'No trial is complete.' : 'No parameter is searched.', frame);
  const y = chooseExtent(bulk, false, STEPS);
  const marked = listMarkedTrials(data, 1).map(limitValue);
  const mark = nameMarkedTrials(data, 'best');
  const legend = listEntries(complete, y, { mark, hasModel: (data.model?.slices ?? []).length > 0 });
  const layout = layOutPanels(
    shown.length,
    { top: measureLegend(legend, frame) + 12, gutter: measureGutter(y, frame) },
    frame,
  );
  const drawn = frame.interactive ? thinTrials(complete, data, Math.floor(POINTS / shown.length)) : complete;
  const panels = shown.map((parameter, i) =>
    createPanel(parameter, { data, complete: drawn, marked, mark, y, layout, frame }, i),
  );
  return {
    title: TITLE,
    description: describeSlices(data, shown, marked),
    notes: listNotes({ hidden: free.length - shown.length, drawn: drawn.length, complete: complete.length }),
    height: layout.height,
    option: {
      ...createBase(frame, 'none'),
      legend: createLegend(legend, frame),
      grid: panels.map(({ grid }) => grid),
      xAxis: panels.map(({ xAxis }) => xAxis),
      yAxis: panels.map(({ yAxis }) => yAxis),
      series: panels.flatMap(({ series }) => series),
    },
    toTable: () => ({
      columns: ['trial', data.metric.name, ...free.map(({ name }) => name)],
      rows: complete.map(({ number, value, point }) => [
        number,
        value,
        ...free.map(({ name }) => readValue(point, name) ?? null),
      ]),
    }),
  };
}

/** Limits the value to a size that can be drawn. There may be very many trials, so most are not copied. */
function limitValue(trial: CompleteTrial): CompleteTrial {
  const value = limitSize(trial.value);
  return value === trial.value ? trial : { ...trial, value };
}

/** Of many trials, chooses the best tenth of `most` and an even spread of the others. */
function thinTrials(complete: readonly CompleteTrial[], data: SliceData, most: number): readonly CompleteTrial[] {
  if (complete.length <= most) return complete;
  const best = new Set(
    rankCompleteTrials(data)
      .slice(0, Math.floor(most / 10))
      .map(({ number }) => number),
  );
  const share = (most - best.size) / complete.length;
  return complete.filter(({ number }, i) => best.has(number) || Math.floor((i + 1) * share) > Math.floor(i * share));
}

interface Omissions {
  /** Parameters without a panel. */
  readonly hidden: number;
  readonly drawn: number;
  readonly complete: number;
}

function listNotes({ hidden, drawn, complete }: Omissions): string[] {
  const shares = `${formatCount(drawn)} of ${formatPlural(complete, 'trial')}`;
  return [
    ...(hidden > 0 ? [`${formatPlural(hidden, 'more parameter')} not shown.`] : []),
    ...(drawn < complete ? [`${shares} are drawn: the best, and some of the others.`] : []),
  ];
}

const NAMES = { trials: 'complete trials', clipped: 'beyond the scale', model: 'model, ± deviation' };

function listEntries(
  complete: readonly CompleteTrial[],
  [low, high]: Extent,
  { mark, hasModel }: { readonly mark: string; readonly hasModel: boolean },
): LegendEntry[] {
  const entries: LegendEntry[] = [
    { name: NAMES.trials, icon: symbols.result },
    { name: mark, icon: 'circle' },
  ];
  if (complete.some(({ value }) => value < low || value > high))
    entries.push({ name: NAMES.clipped, icon: symbols.above });
  if (hasModel) entries.push({ name: NAMES.model, icon: lineIcons.solid });
  return entries;
}

interface Layout {
  readonly columns: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
  /** Width of the tick labels of the vertical axis. */
  readonly gutter: number;
}

function measureGutter(extent: Extent, { theme }: Frame): number {
  const format = createTickFormat(extent);
  const middle = (extent[0] + extent[1]) / 2;
  return 16 + Math.max(...[...extent, middle].map((value) => measureText(format(value), theme.fontSize)));
}

function layOutPanels(count: number, { top, gutter }: { top: number; gutter: number }, { width }: Frame): Layout {
  const columns = Math.min(count, countColumns(width));
  const rows = Math.ceil(count / columns);
  return { columns, width: (width - gutter) / columns, top, gutter, height: top + rows * PANEL_HEIGHT };
}

function countColumns(width: number): number {
  if (width < 480) return 1;
  return width < 680 ? 2 : 3;
}

interface Panel {
  readonly grid: GridComponentOption;
  readonly xAxis: XAXisComponentOption;
  readonly yAxis: YAXisComponentOption;
  readonly series: readonly SeriesOption[];
}

interface PanelContext {
  readonly data: SliceData;
  readonly complete: readonly CompleteTrial[];
  /** The trials that are circled, and what the legend calls them. */
  readonly marked: readonly CompleteTrial[];
  readonly mark: string;
  readonly y: Extent;
  readonly layout: Layout;
  readonly frame: Frame;
}

function createPanel(parameter: ParameterData, context: PanelContext, index: number): Panel {
  const { complete, marked, mark, y, layout, frame, data } = context;
  const column = index % layout.columns;
  const axis = createParameterAxis(parameter, { ...frame, width: layout.width });
  const width = layout.width - GAP;
  const area: PointArea = {
    x: axis.extent,
    y,
    xLog: axis.log,
    width,
    height: PANEL_HEIGHT - BELOW - 8,
    grid: index,
  };
  const place = ({ point, value, number }: CompleteTrial, shown: number): TrialPoint[] => {
    const x = axis.place(readValue(point, parameter.name));
    return x === null ? [] : [[x, shown, number, value]];
  };
  const tip = createTip(frame, (event) => describePoint(event, data, parameter));
  const color = chooseSeriesColor(frame.theme, 0);
  const [low, high] = y;
  const inside = complete.filter(({ value }) => value >= low && value <= high);
  const clipped = (['above', 'below'] as const).map((side) => {
    const trials = complete.filter(({ value }) => (side === 'above' ? value > high : value < low));
    const points = trials.flatMap((trial) => place(trial, side === 'above' ? high : low));
    const merged = frame.interactive ? points : mergeClose(points, axis.extent, width, axis.log);
    return { id: `trials:${side}:${index}`, name: NAMES.clipped, color, symbol: symbols[side], points: merged };
  });
  const points = inside.flatMap((trial) => place(trial, trial.value));
  const group = { id: `trials:complete:${index}`, name: NAMES.trials, color, symbol: symbols.result, size: 5, points };
  return {
    grid: {
      left: layout.gutter + column * layout.width,
      top: layout.top + Math.floor(index / layout.columns) * PANEL_HEIGHT,
      width,
      height: area.height,
      outerBoundsMode: 'none',
    },
    xAxis: { ...('low' in parameter ? alignEnds(axis.option) : axis.option), gridIndex: index } as XAXisComponentOption,
    yAxis: {
      ...createYAxis(frame, { name: '', extent: y, hasLabels: column === 0, steps: STEPS }),
      gridIndex: index,
    } as YAXisComponentOption,
    series: [
      ...createModelSeries(parameter, axis, context, index),
      ...[
        ...createPointSeries([group], area, frame, LIMIT),
        ...createPointSeries(
          clipped.filter(({ points }) => points.length),
          area,
          frame,
          Infinity,
        ),
      ].map((series) => ({ ...series, ...tip }) as SeriesOption),
      {
        type: 'scatter',
        id: `trials:best:${index}`,
        name: mark,
        xAxisIndex: index,
        yAxisIndex: index,
        data: marked.flatMap((trial) =>
          place(trial, Math.min(high, Math.max(low, trial.value))),
        ) as readonly unknown[] as number[][],
        symbol: 'circle',
        symbolSize: 12,
        itemStyle: { color: 'transparent', borderColor: chooseSeriesColor(frame.theme, 1), borderWidth: 2, opacity: 1 },
        silent: true,
        z: 5,
      },
    ],
  };
}

/** Keeps the first and last tick labels inside the panel, away from those of its neighbors. */
function alignEnds(axis: XAXisComponentOption): XAXisComponentOption {
  return {
    ...axis,
    axisLabel: { ...axis.axisLabel, alignMinLabel: 'left', alignMaxLabel: 'right' },
  } as XAXisComponentOption;
}

/** Width of a choice in the units of its axis. */
const CHOICE = 0.6;

/**
 * Creates the mean of the model and the band of one standard deviation: a line along numbers, and a short one for each
 * choice.
 */
function createModelSeries(
  parameter: ParameterData,
  axis: ParameterAxis,
  { data, frame }: PanelContext,
  index: number,
): SeriesOption[] {
  const slice = data.model?.slices.find(({ name }) => name === parameter.name);
  if (!slice) return [];
  const color = chooseSeriesColor(frame.theme, 2);
  const bands = slice.at.flatMap((value, i): Band[] => {
    const x = axis.place(value);
    const [mean, deviation] = [slice.mean[i]!, slice.deviation[i]!];
    return x === null ? [] : [[x, limitSize(mean - deviation), limitSize(mean + deviation)]];
  });
  const places = slice.at.flatMap((value, i): [number, number][] => {
    const x = axis.place(value);
    return x === null ? [] : [[x, limitSize(slice.mean[i]!)]];
  });
  const isNumeric = 'low' in parameter;
  const parts = isNumeric ? [bands] : bands.map(([x, low, high]): Band[] => spread(x, (at) => [at, low, high]));
  const line = createLine(
    {
      id: `model:${index}`,
      name: NAMES.model,
      color,
      places: isNumeric
        ? places
        : places.flatMap(([x, mean]): [number, number | null][] => [
            ...spread(x, (at): [number, number | null] => [at, mean]),
            [x + CHOICE / 2, null],
          ]),
      width: 1.5,
    },
    { ...frame, interactive: false },
  );
  return [
    ...parts.map((part, i) =>
      createBand(
        { id: i ? `deviation:${index}:${i}` : `deviation:${index}`, name: NAMES.model, color, bands: part },
        index,
      ),
    ),
    { ...line, sampling: undefined, xAxisIndex: index, yAxisIndex: index } as SeriesOption,
  ];
}

function spread<T>(x: number, create: (at: number) => T): T[] {
  return [create(x - CHOICE / 2), create(x + CHOICE / 2)];
}

function describePoint(event: MarkEvent, { metric }: SliceData, parameter: ParameterData): string[] {
  const point = readPoint(event);
  if (!point) return [];
  const [x, , trial, exact] = point;
  const shown = parameter.type === 'categorical' ? String(parameter.choices[x]) : formatNumber(x);
  return [`trial ${trial}`, `${parameter.name} ${shown}`, `${metric.name} ${formatCell(exact)}`];
}

function describeSlices(
  { metric, pareto }: SliceData,
  shown: readonly ParameterData[],
  marked: readonly CompleteTrial[],
): string {
  const [best] = marked;
  if (pareto || !best)
    return `${metric.name} against each parameter. Circled: the Pareto front, ${formatPlural(marked.length, 'trial')}.`;
  const at = shown.flatMap(({ name }) => {
    const value = readValue(best.point, name);
    return value === undefined ? [] : [`${name} ${formatCell(value)}`];
  });
  return (
    `${metric.name} against each parameter. Best ${formatNumber(best.value)} at trial ${best.number}: ` +
    `${at.join(', ')}.`
  );
}
