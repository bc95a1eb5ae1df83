import { SaxesParser } from 'saxes';
import { measureText } from '../src/svg/metrics.ts';

export interface Box {
  readonly content: string;
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

const numeric = ['x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'r', 'rx', 'width', 'height', 'fill-opacity'];

/** Parses one figure as strict XML. Throws if it is not well-formed or a number is not finite. */
export function parseFigure(svg: string): ParsedFigure {
  const elements: ParsedElement[] = [];
  const texts: Box[] = [];
  const open: { element: ParsedElement; x: number; y: number }[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, content: '' };
    checkNumbers(element);
    const [, dx = '0', dy = '0'] = /^translate\((\S+) (\S+)\)$/.exec(element.attributes['transform'] ?? '') ?? [];
    const parent = open.at(-1) ?? { x: 0, y: 0 };
    open.push({ element, x: parent.x + Number(dx), y: parent.y + Number(dy) });
    elements.push(element);
  });
  parser.on('text', (content) => {
    if (open.length) open.at(-1)!.element.content += content;
  });
  parser.on('closetag', ({ name }) => {
    const { element, x, y } = open.pop()!;
    if (name === 'text' && element.content) texts.push(measureBox(element, x, y));
  });
  parser.write(svg).close();
  const root = elements[0]!.attributes;
  return { width: Number(root['width']), height: Number(root['height']), elements, texts };
}

function checkNumbers({ name, attributes }: ParsedElement): void {
  const written = numeric.flatMap((attribute) => (attribute in attributes ? [attributes[attribute]!] : []));
  const inPath = attributes['d']?.match(/[^MLHVZmhvz\s]+/g) ?? [];
  for (const value of [...written, ...inPath]) {
    for (const part of value.replace(/(?<=\d)-/g, ' -').split(' ')) {
      if (part === '' || !Number.isFinite(Number(part))) throw new Error(`<${name}> has the number '${value}'`);
    }
  }
}

function measureBox({ attributes, content }: ParsedElement, dx: number, dy: number): Box {
  const width = measureText(content);
  const x = Number(attributes['x']) + dx;
  const anchor = attributes['text-anchor'];
  const shares: Record<string, number> = { middle: 0.5, end: 1 };
  const left = x - width * (shares[anchor ?? 'start'] ?? 0);
  const baseline = Number(attributes['y']) + dy;
  return { content, left, right: left + width, top: baseline - 9, bottom: baseline + 2 };
}

/** Returns pairs of texts that overlap, and texts that leave the figure. A good figure has none. */
export function badlyPlaced({ width, height, texts }: ParsedFigure): string[] {
  const outside = texts.filter(
    ({ left, right, top, bottom }) => left < -1 || right > width + 1 || top < -1 || bottom > height + 1,
  );
  const overlapping = texts.flatMap((a, i) =>
    texts
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `'${a.content}' on '${b.content}'`),
  );
  return [...outside.map(({ content }) => `'${content}' outside`), ...overlapping];
}
