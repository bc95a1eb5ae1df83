import type { SeriesOption } from 'echarts';
import type { BFunctionData } from '../report/data.ts';
import { nameTrial } from '../report/name-point.ts';
import { findExtent, formatNumber } from '../text/numbers.ts';
import { chooseRoomyExtent, createXAxis, createYAxis, limitSize, widenExtent } from './axis.ts';
import { createMessage, type Figure, type FigureTable, type Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, lineIcons, measureTop } from './layout.ts';
import { chooseLineType, createLine, type LineGroup } from './lines.ts';
import { chooseSeriesColor } from './theme.ts';

export interface BFunctionsData extends BFunctionData {
  /** Number of b-functions to draw, best first; by default 3. */
  readonly count?: number;
}

const HEIGHT = 300;

/**
 * Draws the b-functions g(z) of one layer and the derivative σ′(z) that they replace. Ranges with σ′ = 0, where plain
 * backpropagation passes no error, are shaded.
 */
export function drawBFunctions(data: BFunctionsData, frame: Frame): Figure {
  const title = `b-functions found for ${data.layer}`;
  const curves = listCurves(data, frame);
  const extent = findExtent(curves.flatMap(({ places }) => places.map(([, g]) => g)));
  const reach = findExtent(curves.flatMap(({ places }) => places.map(([z]) => z)));
  if (!extent || !reach) return createMessage(title, 'No b-function to show.', frame);
  const shade = createShade(data, frame);
  const legend: LegendEntry[] = [
    ...curves
      .filter(({ places }) => places.length)
      .map(({ name, type }) => ({ name, icon: lineIcons[type ?? 'solid'] })),
    ...shade.map(({ name }) => ({ name: String(name), icon: 'rect' })),
  ];
  const top = measureTop(legend, frame);
  const y = chooseRoomyExtent(extent);
  const last = curves.length - 1;
  return {
    title,
    description: describeBFunctions(data, curves),
    notes: [],
    height: HEIGHT + top,
    option: {
      ...createBase(frame),
      legend: createLegend(legend, frame),
      grid: { left: 4, right: 16, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: {
        ...createXAxis(frame, { name: `z, the input of ${data.layer}`, extent: widenExtent(reach) }),
        axisLine: { onZero: true, lineStyle: { color: frame.theme.muted } },
      },
      yAxis: createYAxis(frame, { name: `g(z) and ${data.activation}′(z)`, extent: y }),
      series: [
        ...shade,
        // The best is on top.
        ...curves
          .map((curve, i) => ({ ...createLine({ ...curve, z: 3 + last - i }, frame) }))
          .filter(({ data: places }) => places?.length),
      ],
      ...createAxisTip(frame),
    },
    toTable: () => createTable(data, curves),
  };
}

/** Lists the value of every line at the pointer, instead of one mark. */
export function createAxisTip(frame: Frame): { tooltip?: object } {
  const { tooltip } = createBase(frame);
  if (!tooltip) return {};
  return {
    tooltip: {
      ...tooltip,
      trigger: 'axis',
      valueFormatter: (value: unknown) => (typeof value === 'number' ? formatNumber(value) : '–'),
    },
  };
}

/** Returns the best first, the replaced derivative last. */
function listCurves({ z, derivative, found, activation, count }: BFunctionsData, { theme }: Frame): LineGroup[] {
  const place = (values: ArrayLike<number>): [number, number][] =>
    Array.from(z).flatMap((at, i): [number, number][] =>
      Number.isFinite(at) && Number.isFinite(values[i]) ? [[limitSize(at), limitSize(values[i]!)]] : [],
    );
  const shown = found.slice(0, Math.max(0, count ?? 3)).map(({ number, g, name }, i): LineGroup => ({
    // Trials of several jobs may have the same number.
    id: found.findIndex((other) => other.number === number) < i ? `trial:${number}:${i}` : `trial:${number}`,
    name: `g, ${nameTrial(number, name)}`,
    color: chooseSeriesColor(theme, i),
    places: place(g),
    type: chooseLineType(i),
    width: i > 0 ? 1.5 : 2.5,
  }));
  const replaced: LineGroup = {
    id: 'derivative',
    name: `${activation}′`,
    color: theme.muted,
    places: place(derivative),
    type: 'dashed',
  };
  return [...shown, replaced];
}

/** Returns the series that shades the ranges with σ′ = 0, or none. */
export function createShade(
  { z, derivative, activation }: Pick<BFunctionData, 'z' | 'derivative' | 'activation'>,
  { theme }: Frame,
): SeriesOption[] {
  const runs: [from: number, to: number][] = [];
  let open = false;
  for (let i = 0; i < z.length; i++) {
    const zero = derivative[i] === 0 && Number.isFinite(z[i]);
    if (zero && open) runs.at(-1)![1] = z[i]!;
    else if (zero) runs.push([z[i]!, z[i]!]);
    open = zero;
  }
  const bands = runs.filter(([from, to]) => to > from);
  if (!bands.length) return [];
  return [
    {
      type: 'line',
      id: 'shade',
      name: `${activation}′ = 0`,
      data: [],
      silent: true,
      color: theme.shade,
      itemStyle: { color: theme.shade, borderColor: theme.muted, borderWidth: 0.5 },
      markArea: {
        silent: true,
        itemStyle: { color: theme.shade },
        data: bands.map(([from, to]) => [{ xAxis: from }, { xAxis: to }]),
      },
      z: 0,
    },
  ];
}

function createTable({ z, derivative, activation }: BFunctionData, curves: readonly LineGroup[]): FigureTable {
  const found = curves.slice(0, -1).map(({ name, places }) => ({ name, g: new Map(places) }));
  return {
    columns: ['z', ...found.map(({ name }) => name), `${activation}′`],
    rows: Array.from(z, (at, i) => [at, ...found.map(({ g }) => g.get(at) ?? null), derivative[i] ?? null]),
  };
}

function describeBFunctions(data: BFunctionData, curves: readonly LineGroup[]): string {
  const ranges = curves.flatMap(({ name, places }) => {
    const extent = findExtent(places.map(([, g]) => g));
    return extent ? [`${name} from ${formatNumber(extent[0])} to ${formatNumber(extent[1])}`] : [];
  });
  return `Lines over the input z of layer ${data.layer}: ${ranges.join('; ')}.`;
}
