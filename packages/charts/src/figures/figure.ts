import type { EChartsOption } from 'echarts';
import { type FigureTheme, themes } from './theme.ts';

/** How a figure is shown. */
export interface FigureView {
  /** Width in CSS px. */
  readonly width: number;
  /** By default `adaptive`, which is for SVG inside a page. A canvas needs `light` or `dark`. */
  readonly theme?: FigureTheme;
  /**
   * Whether a reader can point at it: each trial is a separate point, with a tool tip, and axes can be zoomed. By
   * default false: many trials are drawn as a density, so that the size of the SVG depends on its area.
   */
  readonly interactive?: boolean;
  /** Draws the axis of values on a logarithmic scale if all values are positive. */
  readonly logScale?: boolean;
}

export type Cell = string | number | boolean | null;

/** The values of a figure, for a CSV file. */
export interface FigureTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A figure: what ECharts draws, what a screen reader says, and its values. */
export interface Figure {
  readonly title: string;
  /** The figure in words and numbers. */
  readonly description: string;
  /** What a reader needs to know about this drawing, such as values beyond the scale. Empty if there is nothing. */
  readonly notes: readonly string[];
  /** Height in px that its content needs at the width of the view. */
  readonly height: number;
  readonly option: EChartsOption;
  /** Creates the table of its values. Only a reader who saves it needs one, and that of many trials is large. */
  readonly toTable: () => FigureTable;
}

/** A view with all its choices made. */
export interface Frame {
  readonly width: number;
  readonly theme: FigureTheme;
  readonly interactive: boolean;
  readonly logScale: boolean;
}

/** Fills in the defaults of a view and limits its width. */
export function createFrame({ width, theme, interactive, logScale }: FigureView): Frame {
  return {
    width: Number.isFinite(width) ? Math.min(10_000, Math.max(240, width)) : 720,
    theme: theme ?? themes.adaptive,
    interactive: interactive ?? false,
    logScale: logScale ?? false,
  };
}

/** Creates a figure that consists of a sentence, for data that do not exist yet. */
export function createMessage(title: string, message: string, { theme }: Frame): Figure {
  return {
    title,
    description: message,
    notes: [],
    height: 100,
    option: {
      animation: false,
      title: {
        text: message,
        left: 'center',
        top: 'middle',
        textStyle: { color: theme.muted, fontSize: theme.fontSize, fontWeight: 'normal', fontFamily: theme.fontFamily },
      },
    },
    toTable: () => ({ columns: [], rows: [] }),
  };
}
