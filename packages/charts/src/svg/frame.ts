import { type Markup, element, join, text } from './markup.ts';
import { shortenText, LINE_HEIGHT, measureText } from './metrics.ts';
import { type Scale, type Tick, thinTicks } from './scale.ts';
import { STYLE } from './theme.ts';

/** Options of every figure. */
export interface FigureOptions {
  /** Natural size in CSS pixels. The figure shrinks with its container. */
  readonly width?: number;
  readonly height?: number;
  /** Prefix of the ids in the figure. It must be unique on a page with several figures. */
  readonly id?: string;
  /** Name for screen readers and tool tips. */
  readonly title?: string;
}

/** The rectangle of the plot, in user units. */
export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface Figure {
  readonly id: string;
  readonly title: string;
  /** A description of the figure in words and numbers. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
}

/** Creates the complete `<svg>` with name, description, style and size. */
export function figure({ id, title, description, width, height }: Figure, content: readonly Markup[]): string {
  const [titleId, descriptionId] = [`${id}-title`, `${id}-desc`];
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'gs-figure',
      role: 'img',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'aria-labelledby': titleId,
      'aria-describedby': descriptionId,
    },
    [
      element('title', { id: titleId }, [text(title)]),
      element('desc', { id: descriptionId }, [text(description)]),
      STYLE,
      ...content,
    ],
  );
}

/** Returns the requested size, with a minimum, or the figure's default. */
export function chooseSize(options: FigureOptions, width: number, height: number): { width: number; height: number } {
  const chosen = (asked: number | undefined, own: number, least: number): number =>
    asked !== undefined && Number.isFinite(asked) ? Math.min(10_000, Math.max(least, asked)) : own;
  return { width: chosen(options.width, width, 240), height: chosen(options.height, height, 140) };
}

/** Draws a sentence instead of an empty figure. */
export function drawMessage(
  id: string,
  title: string,
  message: string,
  size: { width: number; height: number },
): string {
  const [width, height] = [size.width, Math.min(size.height, 140)];
  return figure({ id, title, description: message, width, height }, [
    element('rect', { class: 'shade', x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 6 }),
    label(message, width / 2, height / 2 + 4, { class: 'soft', anchor: 'middle' }),
  ]);
}

interface LabelStyle {
  readonly class?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
}

/** Draws a text with its baseline at y. */
export function label(content: string, x: number, y: number, { class: className, anchor }: LabelStyle = {}): Markup {
  return element('text', { x, y, class: className, 'text-anchor': anchor }, [text(content)]);
}

/** Returns the width of the tick labels to the left of the plot. */
export function measureTicks(ticks: readonly Tick[]): number {
  return Math.max(0, ...ticks.map((tick) => measureText(tick.label))) + 12;
}

/** Draws grid lines and tick labels of the vertical scale, with `name` above the plot's top left corner. */
export function drawVerticalAxis(scale: Scale, ticks: readonly Tick[], plot: Plot, name: string): Markup {
  const lines = ticks.flatMap((tick) => {
    const y = scale.place(tick.value);
    return [
      element('line', { class: 'grid', x1: plot.left, x2: plot.right, y1: y, y2: y }),
      label(tick.label, plot.left - 8, y + 4, { class: 'soft', anchor: 'end' }),
    ];
  });
  return join([...lines, label(shortenText(name, plot.right), 0, plot.top - 12, { class: 'soft' })]);
}

/** Draws the base line and tick labels of the horizontal scale, with `name` centered below them. */
export function drawHorizontalAxis(scale: Scale, plot: Plot, name: string): Markup {
  const middle = (plot.left + plot.right) / 2;
  const [from, to] = [Math.max(0, plot.left - 30), plot.right + 14];
  const ticks = thinTicks(
    scale.ticks((plot.right - plot.left) / 80).filter((tick) => isWithin(tick, scale, from, to)),
    scale,
  );
  const marks = ticks.flatMap((tick) => {
    const x = scale.place(tick.value);
    return [
      element('line', { class: 'axis', x1: x, x2: x, y1: plot.bottom, y2: plot.bottom + 4 }),
      label(tick.label, x, plot.bottom + 4 + LINE_HEIGHT - 2, { class: 'soft', anchor: 'middle' }),
    ];
  });
  return join([
    element('line', { class: 'axis', x1: plot.left, x2: plot.right, y1: plot.bottom, y2: plot.bottom }),
    ...marks,
    ...(name
      ? [
          label(
            shortenText(name, 2 * Math.min(middle, plot.right + 10 - middle)),
            middle,
            plot.bottom + 2 * LINE_HEIGHT + 4,
            {
              class: 'soft',
              anchor: 'middle',
            },
          ),
        ]
      : []),
  ]);
}

function isWithin(tick: Tick, scale: Scale, from: number, to: number): boolean {
  const [x, half] = [scale.place(tick.value), measureText(tick.label) / 2];
  return x - half >= from && x + half <= to;
}

/** Height of tick labels and axis name below the plot. */
export const AXIS_HEIGHT = 2 * LINE_HEIGHT + 10;
