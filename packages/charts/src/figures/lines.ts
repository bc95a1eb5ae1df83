import type { CustomSeriesOption, LineSeriesOption } from 'echarts';
import type { Band } from './decimate.ts';
import type { Frame } from './figure.ts';

export type LineType = 'solid' | 'dashed' | 'dotted';

/** A line through places that ascend in x. */
export interface LineGroup {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly places: readonly (readonly [x: number, y: number | null])[];
  readonly type?: LineType;
  readonly width?: number;
  readonly opacity?: number;
  /** Where a staircase changes: at the next place, or at this one. */
  readonly step?: 'end' | 'start';
  readonly z?: number;
  /** Whether each place has a mark; by default only a single place has one. */
  readonly hasMarks?: boolean | undefined;
}

/** Lines differ as well as colors, so that they can be distinguished in print. */
const types: readonly LineType[] = ['solid', 'dashed', 'dotted'];

/** Returns the type of line `index` of several. */
export function chooseLineType(index: number): LineType {
  return types[Math.floor(index / 2) % types.length]!;
}

/** Creates the series of a line. ECharts draws as many places as there are pixels. */
export function createLine(group: LineGroup, { interactive }: Frame): LineSeriesOption {
  const { id, name, color, places, type, width, opacity, step, z, hasMarks } = group;
  const isSinglePlace = places.filter(([, y]) => y !== null).length === 1;
  return {
    type: 'line',
    id,
    name,
    data: places as [number, number | null][],
    showSymbol: isSinglePlace || hasMarks,
    ...(hasMarks ? { showAllSymbol: true } : {}),
    symbol: 'circle',
    symbolSize: hasMarks ? 5 : 8,
    ...(step ? { step } : {}),
    ...(step ? {} : { sampling: 'minmax' as const }),
    clip: true,
    silent: !interactive,
    triggerEvent: interactive,
    itemStyle: { color },
    lineStyle: { color, type: type ?? 'solid', width: width ?? 2, opacity: opacity ?? 1, join: 'round' },
    emphasis: { disabled: true },
    z: z ?? 3,
  };
}

/** Creates a filled band between two lines. */
export function createBand(
  {
    id,
    name,
    color,
    bands,
    opacity,
  }: { id: string; name: string; color: string; bands: readonly Band[]; opacity?: number },
  grid = 0,
): CustomSeriesOption {
  return {
    type: 'custom',
    id,
    name,
    xAxisIndex: grid,
    yAxisIndex: grid,
    dimensions: ['x', 'low', 'high'],
    encode: { x: 0, y: [1, 2] },
    data: bands as readonly unknown[] as number[][],
    color,
    clip: true,
    silent: true,
    z: 1,
    renderItem: ({ dataIndex }, api) => {
      if (dataIndex > 0) return null;
      const points = [
        ...bands.map(([x, low]) => api.coord([x, low])),
        ...bands.toReversed().map(([x, , high]) => api.coord([x, high])),
      ];
      return { type: 'polygon', shape: { points }, style: { fill: color, opacity: opacity ?? 0.14 }, silent: true };
    },
  };
}
