import type { CustomSeriesOption, ScatterSeriesOption, SeriesOption } from 'echarts';
import type { Extent } from './axis.ts';
import { type Cell, type CellRun, countByCell, joinCells } from './decimate.ts';
import type { Frame } from './figure.ts';
import type { MarkEvent } from './tooltip.ts';

/**
 * Places of points that belong to trials: position, number of the trial, and its value. The value differs from y if it
 * is beyond the scale.
 */
export type TrialPoint = readonly [x: number, y: number, trial: number, value: number | null];

/** Points that share a marker. */
export interface PointGroup {
  /** Id of the series, unique in the figure. */
  readonly id: string;
  /** Name in the legend. */
  readonly name: string;
  readonly color: string;
  readonly symbol: string;
  readonly size?: number;
  readonly points: readonly TrialPoint[];
}

/** Shapes differ as well as colors, so that states can be distinguished in print. A bound is a bar with an arrow. */
export const symbols = {
  result: 'circle',
  /** Open, because it counts for nothing but the model. */
  square: 'path://M-4,-4L4,-4L4,4L-4,4L-4,-4L-2.5,-2.5L-2.5,2.5L2.5,2.5L2.5,-2.5L-2.5,-2.5Z',
  cross: 'path://M-4,-3L-3,-4L0,-1L3,-4L4,-3L1,0L4,3L3,4L0,1L-3,4L-4,3L-1,0Z',
  tick: 'path://M-1,-4L1,-4L1,4L-1,4Z',
  boundUp: 'path://M-5,-1L5,-1L5,1L-5,1ZM-1,-1L-1,-6L-3.5,-6L0,-10L3.5,-6L1,-6L1,-1ZM0,10L0,10Z',
  boundDown: 'path://M-5,-1L5,-1L5,1L-5,1ZM-1,1L-1,6L-3.5,6L0,10L3.5,6L1,6L1,1ZM0,-10L0,-10Z',
  /** The value of a trial when it was stopped. */
  stopped: 'diamond',
  /** A value above or below the scale, at its border. */
  above: 'path://M-4,3L4,3L0,-4Z',
  below: 'path://M-4,-3L4,-3L0,4Z',
} as const;

/** Where points are drawn: intervals of the axes, whether x is logarithmic, and about the size of the plot in px. */
export interface PointArea {
  readonly x: Extent;
  readonly y: Extent;
  readonly xLog?: boolean;
  readonly yLog?: boolean;
  readonly width: number;
  readonly height: number;
  /** Index of the grid, by default 0. */
  readonly grid?: number;
}

/** Number of points above which a figure without interaction shows a density. */
export const POINT_LIMIT = 1000;

/** Number of points above which an interactive figure draws all of them as one shape. */
const LARGE = 2000;

/** Number of points above which they are small squares, which a canvas draws several times as fast. */
const VERY_MANY = 10_000;

/** Side of such a square, px. */
const SQUARE = 3;

/** Side of a square of a density, px. */
const CELL = 6;

/**
 * Creates the series of points. Without interaction, more than `limit` points become squares that are darker the more
 * trials they contain. Later groups are on top.
 */
export function createPointSeries(
  groups: readonly PointGroup[],
  area: PointArea,
  frame: Frame,
  limit: number = POINT_LIMIT,
): SeriesOption[] {
  const total = groups.reduce((sum, { points }) => sum + points.length, 0);
  if (frame.interactive || total <= limit) return groups.map((group) => createScatter(group, area, frame, total));
  const densities = groups.map((group) => ({ group, cells: countCells(group.points, area) }));
  const most = densities.flatMap(({ cells }) => cells).reduce((max, { count }) => Math.max(max, count), 1);
  return densities.map(({ group, cells }) => createDensity(group, cells, most, area));
}

function createScatter(group: PointGroup, area: PointArea, frame: Frame, total: number): ScatterSeriesOption {
  const isLarge = !frame.interactive || total > LARGE;
  const isVeryLarge = frame.interactive && group.points.length > VERY_MANY;
  const symbol = isLarge && frame.interactive && group.symbol.startsWith('path:') ? 'diamond' : group.symbol;
  return {
    type: 'scatter',
    id: group.id,
    name: group.name,
    xAxisIndex: area.grid ?? 0,
    yAxisIndex: area.grid ?? 0,
    dimensions: ['x', 'y', 'trial', 'value'],
    data: isVeryLarge ? packPoints(group.points) : (group.points as readonly unknown[] as number[][]),
    symbol,
    symbolSize: isVeryLarge ? SQUARE : (group.size ?? chooseSize(symbol)),
    symbolKeepAspect: true,
    itemStyle: { color: group.color, opacity: 1 },
    // Shapes of paths cannot be drawn together.
    large: isLarge && !symbol.startsWith('path:'),
    largeThreshold: 1,
    // Above this number, ECharts draws the points on a separate layer, which would cover the tool tip.
    progressiveThreshold: Infinity,
    silent: !frame.interactive,
    cursor: 'pointer',
    emphasis: { disabled: !frame.interactive },
  };
}

/** Puts the points into one array, row by row, which ECharts reads without copying each of them. */
function packPoints(points: readonly TrialPoint[]): Float64Array {
  const packed = new Float64Array(4 * points.length);
  for (let i = 0; i < points.length; i++) {
    const [x, y, trial, value] = points[i]!;
    packed[4 * i] = x;
    packed[4 * i + 1] = y;
    packed[4 * i + 2] = trial;
    packed[4 * i + 3] = value ?? Number.NaN;
  }
  return packed;
}

/** Returns the point that the pointer is at; null if it is at something else. */
export function readPoint({ value }: MarkEvent): TrialPoint | null {
  if (!Array.isArray(value) || value.length < 4) return null;
  const [x, y, trial, exact] = value as unknown as TrialPoint;
  return [x, y, trial, Number.isNaN(exact) ? null : exact];
}

function chooseSize(symbol: string): number {
  if (symbol === symbols.boundUp || symbol === symbols.boundDown) return 20;
  return symbol === 'circle' ? 6 : 9;
}

function createDensity(group: PointGroup, cells: readonly Cell[], most: number, area: PointArea): CustomSeriesOption {
  const shades = groupByShade(cells, most);
  const place = createCellPlaces(area);
  return {
    type: 'custom',
    id: `${group.id}:density`,
    name: group.name,
    xAxisIndex: area.grid ?? 0,
    yAxisIndex: area.grid ?? 0,
    color: group.color,
    dimensions: ['x', 'y', 'trials', 'opacity'],
    encode: { x: 0, y: 1 },
    clip: true,
    silent: true,
    data: shades.map(({ runs, opacity }) => [
      area.x[0],
      area.y[0],
      runs.reduce((sum, { count }) => sum + count, 0),
      opacity,
    ]),
    renderItem: ({ dataIndex }, api) => {
      const { runs, opacity } = shades[dataIndex]!;
      const pathData = runs
        .map(({ column, row, length }) => {
          const [left, bottom] = api.coord(place(column, row)) as [number, number];
          const [right, top] = api.coord(place(column + length, row + 1)) as [number, number];
          return `M${left} ${bottom}L${right} ${bottom}L${right} ${top}L${left} ${top}Z`;
        })
        .join('');
      return { type: 'path', shape: { pathData }, style: { fill: group.color, opacity }, silent: true };
    },
  };
}

/** The number of opacities of a density. */
const SHADES = 8;

/** Groups cells by opacity. The square root keeps single trials visible next to dense places. */
function groupByShade(
  cells: readonly Cell[],
  most: number,
): { readonly runs: readonly CellRun[]; readonly opacity: number }[] {
  return Array.from({ length: SHADES }, (_, i) => ({
    runs: joinCells(cells.filter(({ count }) => Math.ceil(SHADES * Math.sqrt(count / most)) === i + 1)),
    opacity: 0.12 + (0.88 * (i + 1)) / SHADES,
  })).filter(({ runs }) => runs.length);
}

/** Counts points in squares of a grid over the area. */
function countCells(points: readonly TrialPoint[], area: PointArea): Cell[] {
  const [columns, rows] = countGrid(area);
  const [x, y] = [createShare(area.x, area.xLog), createShare(area.y, area.yLog)];
  const limit = (share: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  return countByCell(points.map(([px, py]) => [limit(x(px), columns), limit(y(py), rows)]));
}

function countGrid({ width, height }: PointArea): [columns: number, rows: number] {
  return [Math.max(1, Math.round(width / CELL)), Math.max(1, Math.round(height / CELL))];
}

/** Returns the corner of a square in the units of the axes. */
function createCellPlaces(area: PointArea): (column: number, row: number) => [number, number] {
  const [columns, rows] = countGrid(area);
  const at = ([low, high]: Extent, share: number, log = false): number =>
    log ? low * (high / low) ** share : low + (high - low) * share;
  return (column, row) => [at(area.x, column / columns, area.xLog), at(area.y, row / rows, area.yLog)];
}

function createShare([low, high]: Extent, log = false): (value: number) => number {
  return log ? (value) => Math.log(value / low) / Math.log(high / low) : (value) => (value - low) / (high - low);
}

/** Keeps one point per 6 px of x, for markers at a border, which would otherwise cover each other. */
export function mergeClose(points: readonly TrialPoint[], x: Extent, width: number, log = false): TrialPoint[] {
  const share = createShare(x, log);
  return [...new Map(points.map((point) => [Math.round((share(point[0]) * width) / 6), point])).values()];
}
