import { SaxesParser } from 'saxes';
import type { FigureData, FigureKind } from '../src/figures/create-figure.ts';
import type { Figure, FigureView } from '../src/figures/figure.ts';
import { createFigure } from '../src/index.ts';
import { renderSvg } from '../src/render/render-svg.ts';
import { measureText } from '../src/text/metrics.ts';

/** A series of an option, as far as tests read it. */
export interface DrawnSeries {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly data: readonly (readonly (number | null)[])[];
  readonly symbol?: string;
  readonly color?: string;
  readonly itemStyle?: { readonly color?: string };
  readonly markArea?: { readonly data: unknown };
}

interface Axis {
  readonly type: string;
  readonly min: number;
  readonly max: number;
  readonly name: string;
}

/** A figure and the parts of its option. */
export interface Drawn extends Figure {
  readonly svg: string;
  readonly series: readonly DrawnSeries[];
  readonly x: Axis;
  readonly y: Axis;
  readonly legend: readonly string[];
  /** Returns the series with an id, or fails. */
  find(id: string): DrawnSeries;
}

/** Creates and renders a figure. */
export function draw<Kind extends FigureKind>(
  kind: Kind,
  data: FigureData[Kind],
  view: Partial<FigureView> = {},
): Drawn {
  const width = view.width ?? 720;
  const figure = createFigure(kind, data, { ...view, width });
  const option = figure.option as unknown as {
    series?: DrawnSeries[];
    xAxis?: Axis | Axis[];
    yAxis?: Axis | Axis[];
    legend?: { data: { name: string }[] };
  };
  const first = (axis: Axis | Axis[] | undefined): Axis => (Array.isArray(axis) ? axis[0]! : axis!);
  const series = option.series ?? [];
  return {
    ...figure,
    svg: renderSvg(figure, { width, id: kind }),
    series,
    x: first(option.xAxis),
    y: first(option.yAxis),
    legend: (option.legend?.data ?? []).map(({ name }) => name),
    find: (id) => {
      const found = series.find((entry) => entry.id === id);
      if (!found) throw new Error(`no series ${id} among ${series.map((entry) => entry.id).join()}`);
      return found;
    },
  };
}

export interface Box {
  readonly content: string;
  readonly size: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface ParsedElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  content: string;
}

export interface ParsedFigure {
  readonly width: number;
  readonly height: number;
  readonly elements: readonly ParsedElement[];
  /** Position of each visible text, by the package's own estimate of its width. */
  readonly texts: readonly Box[];
}

const numeric = [
  'x',
  'y',
  'x1',
  'x2',
  'y1',
  'y2',
  'cx',
  'cy',
  'r',
  'rx',
  'width',
  'height',
  'fill-opacity',
  'd',
  'transform',
];

/** Parses one figure, or a page, as strict XML. Throws if it is not well-formed or a number is not finite. */
export function parseFigure(svg: string): ParsedFigure {
  const elements: ParsedElement[] = [];
  const texts: Box[] = [];
  const open: ParsedElement[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, content: '' };
    checkNumbers(element);
    open.push(element);
    elements.push(element);
  });
  parser.on('text', (content) => {
    if (open.length) open.at(-1)!.content += content;
  });
  parser.on('closetag', ({ name }) => {
    const element = open.pop()!;
    if (name === 'text' && element.content) texts.push(measureBox(element));
  });
  parser.write(svg).close();
  const root = elements[0]!.attributes;
  return { width: Number(root['width']), height: Number(root['height']), elements, texts };
}

function checkNumbers({ name, attributes }: ParsedElement): void {
  for (const attribute of numeric) {
    const written = attributes[attribute];
    if (written !== undefined && /NaN|Infinity|undefined/.test(written))
      throw new Error(`<${name}> has the ${attribute} '${written}'`);
  }
}

function measureBox({ attributes, content }: ParsedElement): Box {
  const size = Number.parseFloat(attributes['font-size'] ?? '12');
  const [, dx = '0', dy = '0'] = /translate\((\S+)[ ,](\S+)\)/.exec(attributes['transform'] ?? '') ?? [];
  const width = measureText(content, size);
  const x = Number(attributes['x'] ?? 0) + Number(dx);
  const shares: Record<string, number> = { middle: 0.5, end: 1 };
  const left = x - width * (shares[attributes['text-anchor'] ?? 'start'] ?? 0);
  // The middle of the text, because ECharts writes dominant-baseline="central".
  const y = Number(attributes['y'] ?? 0) + Number(dy);
  return { content, size, left, right: left + width, top: y - 0.4 * size, bottom: y + 0.4 * size };
}

/** Returns pairs of texts that overlap, and texts that leave the figure. A good figure has none. */
export function badlyPlaced({ width, height, texts }: ParsedFigure): string[] {
  const outside = texts.filter(
    ({ left, right, top, bottom }) => left < -2 || right > width + 2 || top < -2 || bottom > height + 2,
  );
  const overlapping = texts.flatMap((a, i) =>
    texts
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `'${a.content}' on '${b.content}'`),
  );
  return [...outside.map(({ content }) => `'${content}' outside`), ...overlapping];
}
