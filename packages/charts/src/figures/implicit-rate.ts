import type { GridComponentOption, SeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';
import type { ImplicitRateData, InputsData } from '../report/data.ts';
import { nameTrial } from '../report/name-point.ts';
import { measureText } from '../text/metrics.ts';
import { findExtent, formatNumber, formatShare, isFiniteNumber } from '../text/numbers.ts';
import {
  chooseExtent,
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
  readonly extent: Extent;
  readonly lines: readonly (LineGroup & { readonly filled?: boolean })[];
}

/**
 * Draws g(z) of one trial with the derivative σ′(z) that it replaces; below it β(z) = α·g(z)/σ′(z), the learning rate
 * that g stands for in equation 4 of the paper; and below that, where the inputs z lie. Where σ′ = 0 there is no β.
 */
export function drawImplicitRate(data: ImplicitRateData, frame: Frame): Figure {
  const title = `b-function of ${data.layer}, its learning rate and its inputs`;
  const panels = [
    createDerivativePanel(data, frame),
    createRatePanel(data, frame),
    createInputsPanel(data, frame),
  ].filter((panel) => panel !== null);
  const reach = findExtent(Array.from(data.z));
  if (!reach || panels[0]?.name !== 'derivative') return createMessage(title, 'No b-function to show.', frame);
  const x = widenExtent([limitSize(reach[0]), limitSize(reach[1])]);
  const shade = createShade(data, frame);
  const legend: LegendEntry[] = [
    ...panels.flatMap(({ lines }) => lines.map(({ name, type }) => ({ name, icon: lineIcons[type ?? 'solid'] }))),
    ...shade.map(({ name }) => ({ name: String(name), icon: 'rect' })),
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
      xAxis: panels.map((_, i): XAXisComponentOption => ({
        ...createPanelXAxis(data, x, { frame, isLast: i === panels.length - 1 }),
        gridIndex: i,
      })),
      yAxis: panels.map(
        ({ label, extent, name }, i) =>
          ({
            ...createYAxis(frame, { name: label, extent, steps: name === 'derivative' ? 4 : 3 }),
            gridIndex: i,
          }) as YAXisComponentOption,
      ),
      series: panels.flatMap((panel, i) => createPanelSeries(panel, i === 0 ? shade : [], i, frame)),
    },
    toTable: () => createTable(data),
  };
}

function createDerivativePanel(data: ImplicitRateData, { theme }: Frame): Panel | null {
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
  const whole: Extent = [Math.min(0, extent[0]), Math.max(0, extent[1])];
  return { name: 'derivative', label: 'value of the derivative', extent: chooseExtent(whole, false, 4), lines };
}

/** Returns null if β exists nowhere. */
function createRatePanel(data: ImplicitRateData, { theme }: Frame): Panel | null {
  const rates = computeRates(data);
  const [low, high] = findBulk(data.inputs);
  const plain = data.learningRate ?? 1;
  const near = findExtent([
    plain,
    ...Array.from(data.z).flatMap((z, i) => (z >= low && z <= high && isFiniteNumber(rates[i]) ? [rates[i]] : [])),
  ]);
  if (!near || !rates.some(isFiniteNumber)) return null;
  const [name, label] = nameRate(data);
  return {
    name: 'rate',
    label,
    extent: chooseExtent([Math.min(0, near[0]), Math.max(0, near[1])], false, 3),
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

/** Shares of the inputs below and above the range that the scale of β is for. */
const TAIL = 0.01;
/** That range if the inputs are not known. */
const USUAL: Extent = [-3, 3];

/** Returns the range with most of the inputs at the end of the training. */
function findBulk(inputs: readonly InputsData[]): Extent {
  const last = inputs.at(-1);
  const total = last ? countInputs(last) : 0;
  if (!last || total === 0) return USUAL;
  const { counts } = last;
  let [below, first] = [counts[0]!, 0];
  while (below < TAIL * total) below += counts[++first]!;
  let [above, end] = [counts.at(-1)!, counts.length - 1];
  while (above < TAIL * total) above += counts[--end]!;
  return [readEdge(last, Math.max(0, first - 1)), readEdge(last, Math.min(counts.length - 2, end))];
}

function countInputs({ counts }: InputsData): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Returns the lower edge of a bin inside the range, counted from 0. */
function readEdge({ limit, counts }: InputsData, bin: number): number {
  return -limit + (2 * limit * bin) / (counts.length - 2);
}

/** Returns the share of the inputs by unit of z in each bin inside the range. */
function computeDensities(inputs: InputsData): number[] {
  const width = (2 * inputs.limit) / (inputs.counts.length - 2);
  const total = countInputs(inputs) || 1;
  return inputs.counts.slice(1, -1).map((count) => count / total / width);
}

function createInputsPanel({ inputs }: ImplicitRateData, { theme }: Frame): Panel | null {
  if (!inputs.length) return null;
  const lines = inputs.map((moment, i): Panel['lines'][number] => {
    const isLast = i === inputs.length - 1;
    return {
      id: `inputs:${i}`,
      name: `inputs after step ${moment.step}`,
      color: isLast ? chooseSeriesColor(theme, 2) : theme.muted,
      places: [...computeDensities(moment), 0].map((density, bin) => [readEdge(moment, bin), density]),
      step: 'end',
      type: isLast ? 'solid' : 'dashed',
      width: 1.5,
      filled: isLast,
    };
  });
  const most = Math.max(0, ...lines.flatMap(({ places }) => places.map(([, density]) => density ?? 0)));
  return { name: 'inputs', label: 'density of the inputs z', extent: chooseExtent([0, most || 1], false, 2), lines };
}

function placeValues(z: ArrayLike<number>, values: ArrayLike<number>): [number, number | null][] {
  return Array.from(z, (at, i) => [limitSize(at), isFiniteNumber(values[i]) ? limitSize(values[i]) : null]);
}

function layOutPanels(
  panels: readonly Panel[],
  legend: number,
  { width, theme }: Frame,
): { readonly grids: GridComponentOption[]; readonly height: number } {
  const labels = panels.flatMap(({ extent }) => extent.map(createTickFormat(extent)));
  const left = 16 + Math.max(...labels.map((label) => measureText(label, theme.fontSize)));
  let top = legend + AXIS_NAME;
  const grids = panels.map(({ name }): GridComponentOption => {
    const grid = { left, top, width: width - left - 16, height: HEIGHTS[name], outerBoundsMode: 'none' as const };
    top += HEIGHTS[name] + ABOVE;
    return grid;
  });
  return { grids, height: top - ABOVE + BELOW };
}

function createPanelXAxis(
  { layer }: ImplicitRateData,
  extent: Extent,
  { frame, isLast }: { readonly frame: Frame; readonly isLast: boolean },
): XAXisComponentOption {
  return createXAxis(frame, { name: isLast ? `z, the input of ${layer}` : '', extent, hasLabels: isLast });
}

function createPanelSeries(
  { lines }: Panel,
  shade: readonly SeriesOption[],
  grid: number,
  frame: Frame,
): SeriesOption[] {
  return [
    ...shade,
    ...lines.map(({ filled, ...group }) => ({
      ...createLine(group, frame),
      ...(filled ? { areaStyle: { color: group.color, opacity: 0.2 } } : {}),
      xAxisIndex: grid,
      yAxisIndex: grid,
    })),
  ] as SeriesOption[];
}

function listNotes(data: ImplicitRateData, panels: readonly Panel[]): string[] {
  const notes: string[] = [];
  const rate = panels.find(({ name }) => name === 'rate');
  if (!rate) notes.push(`${data.activation}′ is 0 at every z shown, so this g has no reading as a learning rate.`);
  else if (computeRates(data).some((value) => value < rate.extent[0] || value > rate.extent[1]))
    notes.push('β leaves the scale, which is that of the range with most inputs.');
  const last = data.inputs.at(-1);
  if (last && countInputs(last) > 0) notes.push(describeInputs(data, last));
  const outside = last ? last.counts[0]! + last.counts.at(-1)! : 0;
  if (last && outside > 0)
    notes.push(
      `${formatShare(outside / countInputs(last))} of the inputs at the end are below ` +
        `${formatNumber(-last.limit)} or above ${formatNumber(last.limit)}.`,
    );
  return notes;
}

/** Says where most of the inputs at the end are, and how many of them plain backpropagation passes no error through. */
function describeInputs({ z, derivative, activation }: ImplicitRateData, last: InputsData): string {
  const total = countInputs(last);
  const [low, high] = [findQuantile(last, 0.05), findQuantile(last, 0.95)].map((at) => formatNumber(round(at)));
  const most = `At the end, 90 % of the inputs are between ${low} and ${high}`;
  const dead = last.counts.reduce((sum, count, bin) => {
    const at = (readEdge(last, bin - 1) + readEdge(last, bin)) / 2;
    return readSlope(z, derivative, at) === 0 ? sum + count : sum;
  }, 0);
  return dead ? `${most}, and ${formatShare(dead / total)} are where ${activation}′ = 0.` : `${most}.`;
}

/** Two digits, because bins are wide. */
function round(value: number): number {
  return Number(value.toPrecision(2));
}

/** Returns the input that a share of all inputs is below: within its bin by linear interpolation. */
function findQuantile(inputs: InputsData, share: number): number {
  let left = share * countInputs(inputs);
  const bin = inputs.counts.findIndex((count) => (left -= count) <= 0);
  const edge = readEdge(inputs, Math.min(inputs.counts.length - 2, Math.max(0, bin)));
  // What is outside of the range is at its end.
  if (bin <= 0 || bin >= inputs.counts.length - 1) return edge;
  return edge + (left / inputs.counts[bin]!) * (readEdge(inputs, 1) - readEdge(inputs, 0));
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
