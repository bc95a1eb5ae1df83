import type { EChartsOption, LegendComponentOption } from 'echarts';
import { measureText, shortenText } from '../text/metrics.ts';
import type { Frame } from './figure.ts';

/** Height in px of a legend of one row, of each further row with its gap, and of the name of the vertical axis. */
const LEGEND_ROW = 20;
const FURTHER_ROW = 26;
export const AXIS_NAME = 22;
/** Width of a symbol of the legend with its gaps, px. */
const SYMBOL = 46;
/** Space between the legend and the left edge of a saved figure, px. That of a page begins below its heading. */
const MARGIN = 8;
/** Width of the zoom buttons of an interactive figure, px. */
const BUTTONS = 70;

/** An entry of a legend; `name` is that of its series. */
export interface LegendEntry {
  readonly name: string;
  readonly icon?: string;
  readonly opacity?: number;
}

/** Icons of lines. */
export const lineIcons = {
  solid: 'path://M0,0H22V2H0Z',
  dashed: 'path://M0,0H6V2H0ZM8,0H14V2H8ZM16,0H22V2H16Z',
  dotted: 'path://M0,0H2V2H0ZM5,0H7V2H5ZM10,0H12V2H10ZM15,0H17V2H15ZM20,0H22V2H20Z',
} as const;

/** Returns the height of a legend in rows of the width of the frame, px. */
export function measureLegend(entries: readonly LegendEntry[], frame: Frame): number {
  const available = frame.width - (frame.interactive ? BUTTONS : MARGIN);
  let rows = entries.length ? 1 : 0;
  let used = 0;
  for (const { name } of entries) {
    const width = measureText(shortenText(name, frame.width * 0.5), frame.theme.fontSize) + SYMBOL;
    if (used > 0 && used + width > available) {
      rows++;
      used = 0;
    }
    used += width;
  }
  const height = rows ? LEGEND_ROW + (rows - 1) * FURTHER_ROW : 0;
  return height * (frame.theme.fontSize / 12);
}

/** Returns the distance from the top of a figure to its plot, px. */
export function measureTop(entries: readonly LegendEntry[], frame: Frame): number {
  return measureLegend(entries, frame) + AXIS_NAME;
}

/** Creates the legend at the top left. A click on an entry hides its series in an interactive figure. */
export function createLegend(
  entries: readonly LegendEntry[],
  { width, theme, interactive }: Frame,
): LegendComponentOption {
  return {
    data: entries.map(({ name, icon, opacity }) => ({ name, icon, itemStyle: { opacity } })),
    left: interactive ? 0 : MARGIN,
    top: 0,
    // Entries wrap at this width, left of the zoom buttons.
    width: width - (interactive ? BUTTONS : MARGIN),
    padding: [5, 0],
    itemGap: 14,
    itemWidth: 22,
    itemHeight: 10,
    selectedMode: interactive,
    formatter: (name: string) => shortenText(name, width * 0.5, theme.fontSize),
    textStyle: { color: theme.ink, fontSize: theme.fontSize, fontFamily: theme.fontFamily },
    inactiveColor: theme.grid,
  };
}

/**
 * Returns the parts of an option that all figures share: no animation, fonts, tool tips and zoom. `axes` are those that
 * can be zoomed.
 */
export function createBase(frame: Frame, axes: 'x' | 'xy' | 'none' = 'xy'): EChartsOption {
  const { theme, interactive } = frame;
  const base: EChartsOption = {
    animation: false,
    backgroundColor: 'transparent',
    color: [...theme.series],
    textStyle: { fontFamily: theme.fontFamily, fontSize: theme.fontSize, color: theme.ink },
  };
  if (!interactive) return base;
  return { ...base, ...createZoom(frame, axes), tooltip: createTooltip(frame) };
}

function createZoom({ theme }: Frame, axes: 'x' | 'xy' | 'none'): EChartsOption {
  if (axes === 'none') return {};
  return {
    toolbox: {
      right: 0,
      top: 0,
      itemSize: 14,
      iconStyle: { borderColor: theme.muted },
      feature: {
        dataZoom: {
          yAxisIndex: axes === 'xy' ? 'all' : 'none',
          title: { zoom: 'zoom', back: 'zoom back' },
          filterMode: 'none',
        },
        restore: { title: 'restore' },
      },
    },
    // The wheel alone scrolls the page.
    dataZoom: [{ type: 'inside', xAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl', moveOnMouseMove: true }],
  };
}

/** Drawn on the canvas, so that it needs neither HTML nor inline styles. */
function createTooltip({ theme }: Frame): NonNullable<EChartsOption['tooltip']> {
  return {
    trigger: 'item',
    renderMode: 'richText',
    confine: true,
    backgroundColor: theme.surface,
    borderColor: theme.muted,
    textStyle: { color: theme.ink, fontSize: theme.fontSize, fontFamily: theme.fontFamily },
  };
}
