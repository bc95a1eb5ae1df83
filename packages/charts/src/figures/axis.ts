import type { XAXisComponentOption, YAXisComponentOption } from 'echarts';
import { shortenText } from '../text/metrics.ts';
import { findExtent, formatNumber } from '../text/numbers.ts';
import type { Frame } from './figure.ts';

export type Extent = readonly [low: number, high: number];

/** Larger numbers are drawn at the limit, smaller ones at 0: ECharts writes ticks with at most 20 decimals. */
const LARGEST = 1e100;
const SMALLEST = 1e-14;

/** Limits a finite number to a size that can be drawn. */
export function limitSize(value: number): number {
  if (Math.abs(value) < SMALLEST) return 0;
  return Math.min(LARGEST, Math.max(-LARGEST, value));
}

/** Widens an interval without length around its value. */
export function widenExtent([low, high]: Extent): Extent {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > Math.max(size * 1e-9, SMALLEST / 2)) return [low, high];
  const half = size * 0.05 || 0.5;
  return [low - half, high + half];
}

/** Returns 1, 2 or 5 times a power of ten, so that about `count` steps fill the interval. */
function chooseStep([low, high]: Extent, count: number): number {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10);
}

/** Returns the round step that divides a rounded interval: the rounding may have added a step at each end. */
function chooseInterval([low, high]: Extent, steps: number): number {
  const isWhole = (share: number): boolean => Math.abs(share - Math.round(share)) < 1e-6;
  const fitting = [steps, steps + 1, steps + 2]
    .map((count) => chooseStep([low, high], count))
    .find((step) => isWhole(low / step) && isWhole(high / step));
  return fitting ?? chooseStep([low, high], steps);
}

/** Returns a multiple of a step without the error of the multiplication. */
function multiplyStep(step: number, count: number): number {
  const places = Math.min(100, Math.max(0, 1 - Math.floor(Math.log10(step))));
  const value = step * count;
  return Math.abs(value) < 1e15 ? Number(value.toFixed(places)) : value;
}

/** Extends an interval to multiples of a round step. */
function roundExtent(extent: Extent, steps: number): Extent {
  const [low, high] = widenExtent([limitSize(extent[0]), limitSize(extent[1])]);
  const step = chooseStep([low, high], steps);
  return [multiplyStep(step, Math.floor(low / step + 1e-9)), multiplyStep(step, Math.ceil(high / step - 1e-9))];
}

/** Returns the multiples of a round step within an interval, about `count`. */
function listTicks([low, high]: Extent, count: number, integer: boolean): number[] {
  const step = Math.max(chooseStep([low, high], count), integer ? 1 : 0);
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  return Array.from({ length: Math.max(0, Math.min(50, last - first + 1)) }, (_, i) => multiplyStep(step, first + i));
}

/** Number of intervals of a vertical axis. */
const STEPS = 5;

export interface AxisOptions {
  readonly name: string;
  readonly extent: Extent;
  readonly log?: boolean;
  /** Ticks at whole numbers only. */
  readonly integer?: boolean;
  readonly hasLabels?: boolean;
  /** About how many intervals a vertical axis has; by default 5. */
  readonly steps?: number;
}

/** Returns what all axes of a figure have in common. */
export function styleAxis({ theme }: Frame): {
  axisLine: { lineStyle: { color: string } };
  axisLabel: {
    color: string;
    fontSize: number;
    fontFamily: string;
    hideOverlap: boolean;
  };
  nameTextStyle: { color: string; fontSize: number; fontFamily: string };
} {
  const font = { color: theme.muted, fontSize: theme.fontSize, fontFamily: theme.fontFamily };
  return {
    axisLine: { lineStyle: { color: theme.muted } },
    axisLabel: { ...font, hideOverlap: true },
    nameTextStyle: font,
  };
}

/** Creates a horizontal axis of numbers, with its name below. */
export function createXAxis(
  frame: Frame,
  { name, extent, log, integer, hasLabels }: AxisOptions,
): XAXisComponentOption {
  const style = styleAxis(frame);
  // The interval of x is that of the data, so its ends are not round. With zoom, ECharts chooses the ticks.
  const ticks =
    frame.interactive || log ? {} : { customValues: listTicks(extent, countTicks(frame.width), integer ?? false) };
  return {
    type: log ? 'log' : 'value',
    min: extent[0],
    max: extent[1],
    minInterval: integer ? 1 : undefined,
    name: shortenText(name, frame.width * 0.8, frame.theme.fontSize),
    nameLocation: 'middle',
    nameGap: 26,
    nameTextStyle: style.nameTextStyle,
    axisLine: { ...style.axisLine, onZero: false },
    axisTick: { show: true, lineStyle: style.axisLine.lineStyle, ...ticks },
    axisLabel: {
      ...style.axisLabel,
      show: hasLabels ?? true,
      formatter: createTickFormat(extent),
      ...ticks,
      ...(frame.interactive && !log ? chooseEndLabels(extent, countTicks(frame.width)) : {}),
    },
    splitLine: { show: false },
    splitNumber: countTicks(frame.width),
  } as XAXisComponentOption;
}

/** Share of a step: a number at an end of the axis that is closer to the next one would crowd it. */
const LEAST_GAP = 0.7;

/**
 * Says which ends of an axis have a label, if ECharts chooses the ticks: it labels both, round or not. Whole numbers
 * are labeled if there is room. A number that is neither whole nor round has many digits.
 */
function chooseEndLabels(extent: Extent, count: number): { showMinLabel: boolean; showMaxLabel: boolean } {
  const [low, high] = extent;
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  // As ECharts rounds a step.
  const limits = [
    [1.5, 1],
    [2.5, 2],
    [4, 3],
    [7, 5],
  ] as const;
  const step = power * (limits.find(([limit]) => raw / power < limit)?.[1] ?? 10);
  const hasLabel = (end: number, gap: number): boolean => gap < 1e-6 || (Number.isInteger(end) && gap > LEAST_GAP);
  return {
    showMinLabel: hasLabel(low, Math.ceil(low / step - 1e-9) - low / step),
    showMaxLabel: hasLabel(high, high / step - Math.floor(high / step + 1e-9)),
  };
}

/** Creates a vertical axis of numbers, with its name above its upper end. */
export function createYAxis(
  frame: Frame,
  { name, extent, log, integer, hasLabels, steps }: AxisOptions,
): YAXisComponentOption {
  const style = styleAxis(frame);
  return {
    type: log ? 'log' : 'value',
    min: extent[0],
    max: extent[1],
    interval: log ? undefined : chooseInterval(extent, steps ?? STEPS),
    minInterval: integer ? 1 : undefined,
    name: shortenText(name, frame.width * 0.8, frame.theme.fontSize),
    nameLocation: 'end',
    nameGap: 10,
    nameTextStyle: { ...style.nameTextStyle, align: 'left', padding: [0, 0, 0, -30] },
    axisLine: { show: false, onZero: false },
    axisTick: { show: false },
    axisLabel: { ...style.axisLabel, show: hasLabels ?? true, formatter: createTickFormat(extent) },
    splitLine: { lineStyle: { color: frame.theme.grid } },
  } as YAXisComponentOption;
}

/** Returns the interval of an axis: rounded to about `steps` steps, or as it is on a logarithmic scale. */
export function chooseExtent(extent: Extent, log: boolean, steps = STEPS): Extent {
  if (!log) return roundExtent(extent, steps);
  const [low, high] = [limitSize(extent[0]), limitSize(extent[1])];
  return high / low > 1.0001 ? [low, high] : [low / 2, low * 2];
}

/** Share of the height of lines that stays free beyond them. */
const HEADROOM = 0.05;

/** Returns the interval of an axis with 0, and with room beyond the lines, so that a plateau is not at its edge. */
export function chooseRoomyExtent([low, high]: Extent, steps = STEPS): Extent {
  const room = HEADROOM * (Math.max(0, high) - Math.min(0, low));
  return roundExtent([low < 0 ? low - room : 0, high > 0 ? high + room : 0], steps);
}

/** Whether values can be drawn on the logarithmic scale that a view asks for. */
export function canUseLog(frame: Frame, extent: Extent): boolean {
  return frame.logScale && limitSize(extent[0]) > 0;
}

function countTicks(width: number): number {
  return Math.max(2, Math.min(10, Math.round(width / 90)));
}

/** Formats ticks with the digits that distinguish them. */
export function createTickFormat([low, high]: Extent): (value: number) => string {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const isFine = size > 0 && (high - low) / size < 0.01;
  return (value) => (isFine ? Number(value.toPrecision(12)).toString().replace('-', '−') : formatNumber(value));
}

/** Returns the extent of x positions, widened, e.g. of trial numbers. */
export function findXExtent(values: Iterable<number>): Extent {
  return widenExtent(findExtent(values) ?? [0, 1]);
}
