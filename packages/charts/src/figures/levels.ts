import { contours } from 'd3-contour';
import type { CustomSeriesOption } from 'echarts';

/** Values on a grid: row by row, the smallest y first. */
export interface GridData {
  /** Ascending. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly values: readonly number[];
}

/** Lines of equal value, at equal distances between the quantiles of the values, so that valleys have lines, too. */
const LEVELS = 14;

/**
 * Creates the areas below levels of the values: the color is stronger where they are lower. Each item of the data is a
 * level.
 */
export function createLevels(
  { x, y, values }: GridData,
  { id, fill, line }: { id: string; fill: string; line: string },
): CustomSeriesOption {
  const areas = findAreas(values, x.length, y.length);
  return {
    type: 'custom',
    id,
    dimensions: ['x', 'y', 'level'],
    encode: { x: 0, y: 1 },
    clip: true,
    silent: true,
    z: 1,
    data: areas.map(({ level }) => [x[0]!, y[0]!, level]),
    renderItem: ({ dataIndex }, api) => {
      const place = ([column, row]: readonly number[]): string =>
        // The center of a cell is at its index + 1/2.
        api
          .coord([interpolate(x, column! - 0.5), interpolate(y, row! - 0.5)])
          .map((at) => at.toFixed(1))
          .join(' ');
      const pathData = areas[dataIndex]!.rings.map((ring) => `M${ring.map(place).join('L')}Z`).join('');
      if (!pathData) return null;
      return {
        type: 'path',
        shape: { pathData },
        style: { fill, fillOpacity: 0.04, stroke: line, strokeOpacity: 0.5, lineWidth: 0.8 },
        silent: true,
      };
    },
  };
}

interface Area {
  readonly level: number;
  readonly rings: readonly (readonly (readonly number[])[])[];
}

function findAreas(values: readonly number[], columns: number, rows: number): Area[] {
  const sorted = values.toSorted((a, b) => a - b);
  const levels = Array.from({ length: LEVELS }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / LEVELS)]!);
  // Contours enclose what is above a threshold, so values are negated: areas below a level.
  const thresholds = [...new Set(levels)].map((level) => -level).sort((a, b) => a - b);
  return contours()
    .size([columns, rows])
    .thresholds(thresholds)(values.map((value) => -value))
    .map(({ value, coordinates }) => ({ level: -value, rings: coordinates.flat() }));
}

/** Returns the value at a fractional index, on the line through its neighbors. */
function interpolate(values: readonly number[], index: number): number {
  const from = Math.max(0, Math.min(values.length - 2, Math.floor(index)));
  return values[from]! + (values[from + 1]! - values[from]!) * (index - from);
}
