import type { SeriesOption } from 'echarts';
import {
  type MetricData,
  type ModelData,
  type ParameterData,
  type ParetoData,
  readValue,
  type TrialData,
} from '../report/data.ts';
import { namePoint, nameTrial } from '../report/name-point.ts';
import { listMarkedTrials, nameMarkedTrials } from '../report/rank-complete-trials.ts';
import { findExtent, formatNumber, isFiniteNumber } from '../text/numbers.ts';
import { limitSize } from './axis.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, measureTop } from './layout.ts';
import { createLevels } from './levels.ts';
import { createParameterAxis, createVerticalAxis } from './parameter-axis.ts';
import { createPointSeries, type PointArea, readPoint, symbols, type TrialPoint } from './points.ts';
import { chooseSeriesColor } from './theme.ts';
import { createTip, formatCell, type MarkEvent } from './tooltip.ts';

export interface ContourData {
  readonly metric: MetricData;
  readonly parameters: readonly ParameterData[];
  readonly trials: readonly TrialData[];
  readonly model?: ModelData | null;
  /** With several objectives, the front is circled. */
  readonly pareto?: ParetoData | null;
}

const TITLE = 'The fitted model over two parameters';
/** Height of the plot as a share of its width. */
const ASPECT = 0.6;
const NAMES = { trials: 'complete trials' };

/**
 * Draws lines of equal expected value of the fitted model over two parameters, with the others at the best point. The
 * color is stronger where it is better. The points are complete trials, wherever their other parameters are.
 */
export function drawContour(data: ContourData, frame: Frame): Figure {
  const { metric, model } = data;
  const grid = model?.grid;
  const x = data.parameters.find(({ name }) => name === grid?.x.name);
  const y = data.parameters.find(({ name }) => name === grid?.y.name);
  const range = findExtent(grid?.mean ?? []);
  if (!grid || !x || !y || !range) return createMessage(TITLE, 'No model of two numeric parameters.', frame);
  const [xAxis, yAxis] = [createParameterAxis(x, frame), createParameterAxis(y, frame)];
  const complete = data.trials.filter(({ state, value }) => state === 'complete' && isFiniteNumber(value));
  const place = (trial: TrialData): TrialPoint[] => {
    const [px, py] = [xAxis.place(readValue(trial.point, x.name)), yAxis.place(readValue(trial.point, y.name))];
    return px === null || py === null ? [] : [[px, py, trial.number, trial.value]];
  };
  const legend: LegendEntry[] = [
    { name: NAMES.trials, icon: symbols.result },
    { name: nameMarkedTrials(data, 'best'), icon: 'circle' },
  ];
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
  const sign = metric.direction === 'minimize' ? 1 : -1;
  const color = chooseSeriesColor(frame.theme, 0);
  const group = { id: 'trials:complete', name: NAMES.trials, color, symbol: symbols.result, size: 5 };
  const tip = createTip(frame, (event) => describePoint(event, data, [x, y]));
  return {
    title: TITLE,
    description: describeContour(metric, grid, range),
    notes: [
      `Lines of equal ${metric.name} as the model expects it, from ${formatNumber(range[0])} to ` +
        `${formatNumber(range[1])}; the color is stronger where it is better. The other parameters are at the best ` +
        `point.`,
    ],
    height: top + height + 40,
    option: {
      ...createBase(frame),
      legend: createLegend(legend, frame),
      grid: { left: 4, right: 16, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: xAxis.option,
      yAxis: createVerticalAxis(y, yAxis, frame),
      series: [
        createLevels(
          { x: grid.x.at.map(limitSize), y: grid.y.at.map(limitSize), values: grid.mean.map((mean) => sign * mean) },
          { id: 'model', fill: color, line: frame.theme.muted },
        ),
        ...createPointSeries([{ ...group, points: complete.flatMap(place) }], area, frame).map(
          (series) => ({ ...series, ...tip }) as SeriesOption,
        ),
        createMarks(data, place, frame),
      ],
    },
    toTable: () => ({
      columns: [x.name, y.name, `${metric.name}, mean`, `${metric.name}, deviation`],
      rows: grid.mean.map((mean, i) => {
        const [row, column] = [Math.floor(i / grid.x.at.length), i % grid.x.at.length];
        return [grid.x.at[column]!, grid.y.at[row]!, mean, grid.deviation[i]!];
      }),
    }),
  };
}

function createMarks(data: ContourData, place: (trial: TrialData) => TrialPoint[], frame: Frame): SeriesOption {
  return {
    type: 'scatter',
    id: 'trials:best',
    name: nameMarkedTrials(data, 'best'),
    data: listMarkedTrials(data, 1).flatMap(place) as readonly unknown[] as number[][],
    symbol: 'circle',
    symbolSize: 14,
    itemStyle: { color: 'transparent', borderColor: chooseSeriesColor(frame.theme, 1), borderWidth: 2, opacity: 1 },
    silent: true,
    z: 6,
  };
}

function describePoint(
  event: MarkEvent,
  { metric, parameters, trials }: ContourData,
  shown: readonly ParameterData[],
): string[] {
  const mark = readPoint(event);
  if (!mark) return [];
  const [x, y, number, exact] = mark;
  const point = trials.find((trial) => trial.number === number)?.point ?? {};
  return [
    nameTrial(number, namePoint(parameters, point)),
    `${metric.name} ${formatCell(exact)}`,
    ...shown.map(({ name }, i) => `${name} ${formatNumber(i ? y : x)}`),
  ];
}

function describeContour(
  { name, direction }: MetricData,
  { x, y, mean }: NonNullable<ModelData['grid']>,
  [low, high]: readonly [number, number],
): string {
  const best = mean.indexOf(direction === 'minimize' ? Math.min(...mean) : Math.max(...mean));
  const at = [x.at[best % x.at.length]!, y.at[Math.floor(best / x.at.length)]!].map(formatNumber);
  return (
    `${name} as the fitted model expects it over ${x.name} and ${y.name}: ${formatNumber(low)} to ` +
    `${formatNumber(high)}, best at ${x.name} ${at[0]}, ${y.name} ${at[1]}.`
  );
}
