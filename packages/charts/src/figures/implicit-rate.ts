import type { GridComponentOption, SeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';
import type { ImplicitRateData, InputsData } from '../report/data.ts';
import { chooseInputsExtent, computeShare, countInputs, findQuantile, readEdge } from '../report/input-histogram.ts';
import { nameTrial } from '../report/name-point.ts';
import { measureText } from '../text/metrics.ts';
import { findExtent, formatNumber, formatShare, isFiniteNumber } from '../text/numbers.ts';
import {
  chooseRoomyExtent,
  createTickFormat,
  createXAxis,
  createYAxis,
  type Extent,
  limitSize,
  widenExtent,
} from './axis.ts';
import { createAxisTip, createShade } from './b-functions.ts';
import { createMessage, type Figure, type FigureTable, type Frame } from './figure.ts';
import { AXIS_NAME, createBase, createLegend, type LegendEntry, lineIcons, measureLegend } from './layout.ts';
import { createLine, type LineGroup } from './lines.ts';
import { chooseSeriesColor } from './theme.ts';

/** Height of each panel, of the axis name above it, and of the horizontal axis below the last one, px. */
const HEIGHTS = { derivative: 190, rate: 130, inputs: 100 } as const;
const ABOVE = 42;
const BELOW = 46;

type PanelName = keyof typeof HEIGHTS;

interface Panel {
  readonly name: PanelName;
  readonly label: string;
  /** Of z. */
  readonly x: Extent;
  readonly extent: Extent;
  /** Whether the heights have no unit. */
  readonly isRelative?: boolean;
  readonly lines: readonly (LineGroup & { readonly filled?: boolean })[];
}

/**
 * Draws g(z) of one trial with the derivative σ′(z) that it replaces; below it β(z) = α·g(z)/σ′(z), the learning rate
 * that g stands for in equation 4 of the paper; and below that, where the inputs z lie. Where σ′ = 0 there is no β.
 * Inputs that reach far beyond the z of g have a separate axis, with that range marked.
 */
export function drawImplicitRate(whole: ImplicitRateData, frame: Frame): Figure {
  const title = `b-function of ${whole.layer}, its learning rate and its inputs`;
  const reach = findExtent(Array.from(whole.z));
  if (!reach) return createMessage(title, 'No b-function to show.', frame);
  const x = chooseShownExtent(widenExtent([limitSize(reach[0]), limitSize(reach[1])]), whole.inputs);
  const data = limitRange(whole, x);
  const panels = [
    createDerivativePanel(data, x, frame),
    createRatePanel(data, x, frame),
    createInputsPanel(data, x, frame),
  ].filter((panel) => panel !== null);
  if (panels[0]?.name !== 'derivative') return createMessage(title, 'No b-function to show.', frame);
  const bands = [...createShade(data, frame), ...markShownRange(panels, frame)];
  const legend: LegendEntry[] = [
    ...panels.flatMap(({ lines }) => lines.map(({ name, type }) => ({ name, icon: lineIcons[type ?? 'solid'] }))),
    ...bands.map(({ name }) => ({ name: String(name), icon: 'rect' })),
  ];
  const layout = layOutPanels(panels, measureLegend(legend, frame), frame);
  return {
    title,
    description: describeRate(data, panels),
    notes: listNotes(data, panels),
    height: layout.height,
    option: {
      ...createBase(frame, 'none'),
      ...createAxisTip(frame),
      axisPointer: { link: [{ xAxisIndex: 'all' }] },
      legend: createLegend(legend, frame),
      grid: layout.grids,
      xAxis: panels.map((panel, i): XAXisComponentOption => ({
        ...createPanelXAxis(data, panel, hasOwnAxis(panels, i), frame),
        gridIndex: i,
      })),
      yAxis: panels.map((panel, i) => ({ ...createPanelYAxis(panel, frame), gridIndex: i }) as YAXisComponentOption),
      series: [...bands, ...panels.flatMap((panel, i) => createPanelSeries(panel, i, frame))],
    },
    toTable: () => createTable(data),
  };
}

/** Returns the z to draw g at: those of the inputs, unless they reach beyond what is known of g. */
function chooseShownExtent(reach: Extent, inputs: readonly InputsData[]): Extent {
  const extent = chooseInputsExtent(inputs);
  return extent && extent[0] >= reach[0] && extent[1] <= reach[1] ? extent : reach;
}

/** Leaves out what is not drawn, so that it does not set a scale. */
function limitRange(data: ImplicitRateData, [low, high]: Extent): ImplicitRateData {
  const { z, derivative, found } = data;
  const limit = (values: ArrayLike<number>): number[] =>
    Array.from(z, (_, i) => values[i] ?? Number.NaN).filter((_, i) => z[i]! >= low && z[i]! <= high);
  return { ...data, z: limit(z), derivative: limit(derivative), found: { ...found, g: limit(found.g) } };
}

function createDerivativePanel(data: ImplicitRateData, x: Extent, { theme }: Frame): Panel | null {
  const { found, derivative, activation } = data;
  const lines: LineGroup[] = [
    {
      id: 'g',
      name: `g, ${nameTrial(found.number, found.name)}`,
      color: chooseSeriesColor(theme, 0),
      places: placeValues(data.z, found.g),
      width: 2.5,
      z: 4,
    },
    {
      id: 'derivative',
      name: `${activation}′`,
      color: theme.muted,
      places: placeValues(data.z, derivative),
      type: 'dashed',
    },
  ];
  const extent = findExtent(lines.flatMap(({ places }) => places.map(([, y]) => y ?? Number.NaN)));
  if (!extent) return null;
  return { name: 'derivative', label: `g(z) and ${activation}′(z)`, x, extent: chooseRoomyExtent(extent, 4), lines };
}

/** Returns null if β exists nowhere. */
function createRatePanel(data: ImplicitRateData, x: Extent, { theme }: Frame): Panel | null {
  const rates = computeRates(data);
  const plain = data.learningRate ?? 1;
  if (!rates.some(isFiniteNumber)) return null;
  const [name, label] = nameRate(data);
  return {
    name: 'rate',
    label,
    x,
    extent: chooseRoomyExtent(chooseRateScale(data, rates).extent, 3),
    lines: [
      {
        id: 'rate',
        name,
        color: chooseSeriesColor(theme, 1),
        places: Array.from(data.z, (z, i) => [limitSize(z), isFiniteNumber(rates[i]) ? limitSize(rates[i]) : null]),
      },
      {
        id: 'plain',
        name: 'plain backpropagation',
        color: theme.muted,
        places: [data.z[0]!, data.z[data.z.length - 1]!].map((z) => [limitSize(z), plain]),
        type: 'dotted',
        width: 1.5,
      },
    ],
  };
}

function nameRate({ learningRate, activation }: ImplicitRateData): [name: string, label: string] {
  const ratio = `g(z)/${activation}′(z)`;
  if (learningRate === null) return ['β/α', `β(z)/α = ${ratio}`];
  return ['β', `β(z) = α·${ratio}, α = ${formatNumber(learningRate)}`];
}

/** Returns β at each z: NaN where σ′ = 0. Without a learning rate, β/α. */
function computeRates({ z, found, derivative, learningRate }: ImplicitRateData): number[] {
  return Array.from(z, (_, i) => {
    const slope = derivative[i] ?? Number.NaN;
    return slope === 0 ? Number.NaN : ((learningRate ?? 1) * (found.g[i] ?? Number.NaN)) / slope;
  });
}

/** The central shares of the inputs that the scale of β may be for, the largest first. */
const CENTRAL_SHARES = [0.9, 0.8, 0.7, 0.6, 0.5] as const;
/** A scale is at most this many times the one for the smallest share, on which β would look like 0. */
const LONGEST_SCALE = 10;
/** The range of z that the scale of β is for if the inputs are not known. */
const USUAL: Extent = [-3, 3];

/** The scale of β, and what it is for. */
interface RateScale {
  readonly extent: Extent;
  /** Of z. */
  readonly range: Extent;
  /** Of the inputs at the end of the training that are in the range; null if they are not known. */
  readonly share: number | null;
}

/**
 * Returns the scale of β: that of the central 90 % of the inputs at the end of the training. Where β grows by orders of
 * magnitude within them, it is that of a smaller share, so that β can be read where most inputs are.
 */
function chooseRateScale(data: ImplicitRateData, rates: readonly number[]): RateScale {
  const measure = (range: Extent): Extent => findNearExtent(data, rates, range);
  const last = data.inputs.at(-1);
  if (!last || countInputs(last) === 0) return { extent: measure(USUAL), range: USUAL, share: null };
  const scales = CENTRAL_SHARES.map((share): RateScale => {
    const range: Extent = [findQuantile(last, (1 - share) / 2), findQuantile(last, (1 + share) / 2)];
    return { extent: measure(range), range, share };
  });
  const size = ({ extent }: RateScale): number => Math.max(...extent.map(Math.abs));
  const longest = LONGEST_SCALE * size(scales.at(-1)!);
  return scales.find((scale) => size(scale) <= longest)!;
}

/** Returns the extent of β and of the plain learning rate over a range of z, and one place beyond its ends. */
function findNearExtent({ z, learningRate }: ImplicitRateData, rates: readonly number[], [low, high]: Extent): Extent {
  const step = z.length > 1 ? z[1]! - z[0]! : 0;
  const near = rates.filter((rate, i) => isFiniteNumber(rate) && z[i]! >= low - step && z[i]! <= high + step);
  return findExtent([learningRate ?? 1, ...near])!;
}

/** Returns the share of the inputs by unit of z in each bin inside the range. */
function computeDensities(inputs: InputsData): number[] {
  const width = (2 * inputs.limit) / (inputs.counts.length - 2);
  const total = countInputs(inputs) || 1;
  return inputs.counts.slice(1, -1).map((count) => count / total / width);
}

/** Draws each moment up to its own peak: inputs that have spread would be flat next to those of the first epoch. */
function createInputsPanel({ inputs }: ImplicitRateData, x: Extent, { theme }: Frame): Panel | null {
  if (!inputs.length) return null;
  const extent = chooseInputsExtent(inputs) ?? x;
  const lines = inputs.map((moment, i): Panel['lines'][number] => {
    const isLast = i === inputs.length - 1;
    const densities = computeDensities(moment);
    const peak = Math.max(...densities) || 1;
    return {
      id: `inputs:${i}`,
      name: `inputs after step ${moment.step}`,
      color: isLast ? chooseSeriesColor(theme, 2) : theme.muted,
      places: [...densities, 0].map((density, bin) => [readEdge(moment, bin), density / peak]),
      step: 'end',
      type: isLast ? 'solid' : 'dashed',
      width: 1.5,
      filled: isLast,
    };
  });
  return {
    name: 'inputs',
    label: 'density of the inputs z, each up to its peak',
    x: extent[0] >= x[0] && extent[1] <= x[1] ? x : extent,
    extent: [0, 1.1],
    isRelative: true,
    lines,
  };
}

/** Whether a panel has labels of z below it: the last one, and the last one above inputs with a separate axis. */
function hasOwnAxis(panels: readonly Panel[], i: number): boolean {
  return panels[i + 1]?.x !== panels[i]!.x;
}

/** Creates the band that marks the z of the panels above in inputs with a separate axis; none without. */
function markShownRange(panels: readonly Panel[], { theme }: Frame): SeriesOption[] {
  const last = panels.length - 1;
  const [{ x }] = panels as [Panel];
  if (panels[last]!.x === x) return [];
  const color = chooseSeriesColor(theme, 0);
  return [
    {
      type: 'line',
      id: 'shown',
      name: 'z of the panels above',
      data: [],
      silent: true,
      color,
      itemStyle: { color, opacity: 0.3 },
      xAxisIndex: last,
      yAxisIndex: last,
      markArea: { silent: true, itemStyle: { color, opacity: 0.3 }, data: [[{ xAxis: x[0] }, { xAxis: x[1] }]] },
      z: 0,
    },
  ];
}

function placeValues(z: ArrayLike<number>, values: ArrayLike<number>): [number, number | null][] {
  return Array.from(z, (at, i) => [limitSize(at), isFiniteNumber(values[i]) ? limitSize(values[i]) : null]);
}

function layOutPanels(
  panels: readonly Panel[],
  legend: number,
  { width, theme }: Frame,
): { readonly grids: GridComponentOption[]; readonly height: number } {
  const labels = panels.flatMap(({ extent, isRelative }) => (isRelative ? [] : extent.map(createTickFormat(extent))));
  const left = 16 + Math.max(...labels.map((label) => measureText(label, theme.fontSize)));
  let top = legend + AXIS_NAME;
  const grids = panels.map(({ name }, i): GridComponentOption => {
    const grid = { left, top, width: width - left - 16, height: HEIGHTS[name], outerBoundsMode: 'none' as const };
    const isLast = i === panels.length - 1;
    top += HEIGHTS[name] + (isLast ? 0 : ABOVE) + (hasOwnAxis(panels, i) ? BELOW : 0);
    return grid;
  });
  return { grids, height: top };
}

function createPanelXAxis(
  { layer }: ImplicitRateData,
  { x }: Panel,
  hasLabels: boolean,
  frame: Frame,
): XAXisComponentOption {
  const name = hasLabels ? `z, the input of ${layer}` : '';
  // The panels cannot be zoomed, so the ticks are known.
  return createXAxis({ ...frame, interactive: false }, { name, extent: x, hasLabels });
}

function createPanelYAxis({ name, label, extent, isRelative }: Panel, frame: Frame): YAXisComponentOption {
  const steps = name === 'derivative' ? 4 : 3;
  const axis = createYAxis(frame, { name: label, extent, steps, hasLabels: !isRelative });
  return isRelative ? ({ ...axis, splitLine: { show: false } } as YAXisComponentOption) : axis;
}

function createPanelSeries({ lines }: Panel, grid: number, frame: Frame): SeriesOption[] {
  return lines.map(({ filled, ...group }) => ({
    ...createLine(group, frame),
    ...(filled ? { areaStyle: { color: group.color, opacity: 0.2 } } : {}),
    xAxisIndex: grid,
    yAxisIndex: grid,
  })) as SeriesOption[];
}

function listNotes(data: ImplicitRateData, panels: readonly Panel[]): string[] {
  const notes: string[] = [];
  const rate = panels.find(({ name }) => name === 'rate');
  if (!rate) notes.push(`${data.activation}′ is 0 at every z shown, so this g has no reading as a learning rate.`);
  else notes.push(...describeBeyond(data, rate.extent));
  const last = data.inputs.at(-1);
  const shown = panels.find(({ name }) => name === 'inputs');
  return last && shown && countInputs(last) > 0
    ? [...notes, ...describeInputs(data, last, shown.x, panels[0]!.x)]
    : notes;
}

/** Says what the scale of β is for, and how far β goes beyond it; nothing if it does not. */
function describeBeyond(data: ImplicitRateData, [low, high]: Extent): string[] {
  const rates = computeRates(data);
  const isBeyond = (rate: number): boolean => rate < low || rate > high;
  if (!rates.some(isBeyond)) return [];
  const farthest = rates.reduce(
    (best, rate, i) => (isBeyond(rate) && !(Math.abs(rate) <= Math.abs(rates[best] ?? 0)) ? i : best),
    -1,
  );
  const { range, share } = chooseRateScale(data, rates);
  const [from, to] = range.map((at) => formatNumber(round(at)));
  const inputs = share === null ? '' : `, where the central ${formatShare(share)} of the inputs at the end are`;
  return [
    `The scale of β is that of z from ${from} to ${to}${inputs}. Beyond it, β reaches ` +
      `${formatNumber(rates[farthest]!)} at z = ${formatNumber(round(data.z[farthest]!))}.`,
  ];
}

/** Says where most of the inputs at the end are, and how many of them plain backpropagation passes no error through. */
function describeInputs(data: ImplicitRateData, last: InputsData, axis: Extent, upper: Extent): string[] {
  const [low, high] = [findQuantile(last, 0.05), findQuantile(last, 0.95)].map((at) => formatNumber(round(at)));
  const notes = [`At the end, 90 % of the inputs are between ${low} and ${high}${describeDead(data, last)}.`];
  if (axis !== upper)
    notes.push(
      `The panels above show z from ${formatNumber(upper[0])} to ${formatNumber(upper[1])}, where ` +
        `${formatShare(computeShare(last, upper))} of the inputs at the end are; beyond, g hardly changes.`,
    );
  const outside = 1 - computeShare(last, axis);
  if (outside > 1e-9)
    notes.push(
      `${formatShare(outside)} of the inputs at the end are below ${formatNumber(axis[0])} or above ` +
        `${formatNumber(axis[1])}.`,
    );
  return notes;
}

function describeDead({ z, derivative, activation, layer, dead }: ImplicitRateData, last: InputsData): string {
  const zero = last.counts.reduce((sum, count, bin) => {
    const at = (readEdge(last, bin - 1) + readEdge(last, bin)) / 2;
    return readSlope(z, derivative, at) === 0 ? sum + count : sum;
  }, 0);
  if (!zero) return '';
  const text = `, and ${formatShare(zero / countInputs(last))} are where ${activation}′\u00a0=\u00a00`;
  if (dead === null) return text;
  return `${text}; with g\u00a0≠\u00a00 as well, ${formatShare(dead)} (beta.${layer}.dead)`;
}

/** Two digits, because bins are wide. */
function round(value: number): number {
  return Number(value.toPrecision(2));
}

/** Returns the derivative at the drawn place that is closest to an input. */
function readSlope(z: ArrayLike<number>, derivative: ArrayLike<number>, at: number): number | undefined {
  const place = Math.round(((at - z[0]!) / (z[z.length - 1]! - z[0]!)) * (z.length - 1));
  return derivative[Math.min(z.length - 1, Math.max(0, place))];
}

function describeRate(data: ImplicitRateData, panels: readonly Panel[]): string {
  const ranges = panels.flatMap(({ lines }) =>
    lines.flatMap(({ name, places }) => {
      const extent = findExtent(places.map(([, y]) => y ?? Number.NaN));
      return extent ? [`${name} from ${formatNumber(extent[0])} to ${formatNumber(extent[1])}`] : [];
    }),
  );
  return `Lines over the input z of layer ${data.layer}: ${ranges.join('; ')}.`;
}

function createTable(data: ImplicitRateData): FigureTable {
  const { z, found, derivative, inputs } = data;
  const rates = computeRates(data);
  const densities = inputs.map((moment) => {
    const values = computeDensities(moment);
    return (at: number) => values[Math.floor(((at + moment.limit) / (2 * moment.limit)) * values.length)] ?? 0;
  });
  return {
    columns: [
      'z',
      'g',
      `${data.activation}′`,
      nameRate(data)[0],
      ...inputs.map(({ step }) => `density of inputs after step ${step}`),
    ],
    rows: Array.from(z, (at, i) => [
      at,
      found.g[i] ?? null,
      derivative[i] ?? null,
      isFiniteNumber(rates[i]) ? rates[i] : null,
      ...densities.map((read) => read(at)),
    ]),
  };
}
