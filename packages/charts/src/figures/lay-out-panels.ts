import type { GridComponentOption, SeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';
import { measureText } from '../text/metrics.ts';
import { createTickFormat, createXAxis, createYAxis } from './axis.ts';
import type { Frame } from './figure.ts';
import { AXIS_NAME } from './layout.ts';
import { createLine } from './lines.ts';
import type { Panel, PanelName } from './rate-panels.ts';
import { chooseSeriesColor } from './theme.ts';

/** Height of each panel, of the axis name above it, and of the horizontal axis below the last one, px. */
const HEIGHTS: Readonly<Record<PanelName, number>> = { derivative: 190, rate: 130, inputs: 100 };

const ABOVE = 42;
const BELOW = 46;

/** Places the panels below each other, with the same left border. */
export function layOutPanels(
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

/** Whether a panel has labels of z below it: the last one, and the last one above inputs with a separate axis. */
export function hasOwnAxis(panels: readonly Panel[], i: number): boolean {
  return panels[i + 1]?.x !== panels[i]!.x;
}

export function createPanelXAxis(layer: string, { x }: Panel, hasLabels: boolean, frame: Frame): XAXisComponentOption {
  const name = hasLabels ? `z, the input of ${layer}` : '';
  // The panels cannot be zoomed, so the ticks are known.
  return createXAxis({ ...frame, interactive: false }, { name, extent: x, hasLabels });
}

export function createPanelYAxis({ name, label, extent, isRelative }: Panel, frame: Frame): YAXisComponentOption {
  const steps = name === 'derivative' ? 4 : 3;
  const axis = createYAxis(frame, { name: label, extent, steps, hasLabels: !isRelative });
  return isRelative ? ({ ...axis, splitLine: { show: false } } as YAXisComponentOption) : axis;
}

export function createPanelSeries({ lines }: Panel, grid: number, frame: Frame): SeriesOption[] {
  return lines.map(({ filled, ...group }) => ({
    ...createLine(group, frame),
    ...(filled ? { areaStyle: { color: group.color, opacity: 0.2 } } : {}),
    xAxisIndex: grid,
    yAxisIndex: grid,
  })) as SeriesOption[];
}

/** Creates the band that marks the z of the panels above in inputs with a separate axis; none without. */
export function markShownRange(panels: readonly Panel[], { theme }: Frame): SeriesOption[] {
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
