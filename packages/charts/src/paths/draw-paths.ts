import { contours } from 'd3-contour';
import type { LandscapeData, PathData, PathsData } from '../report/data.ts';
import { type Markup, element, join, text, trusted } from '../svg/markup.ts';
import { measureText, shortenText } from '../svg/metrics.ts';
import { formatNumber } from '../svg/numbers.ts';

export interface PathsOptions {
  /** Natural width in CSS pixels. */
  readonly width?: number;
  /** Prefix of the ids in the figure. */
  readonly id?: string;
  readonly title?: string;
}

const MARGIN = { top: 30, left: 12, bottom: 44 };
const LEGEND = 226;
const LINE = 17;
/** Lines of equal loss, at equal distances between the quantiles of the losses. */
const LEVELS = 14;
/** Colors in light and dark, distinguishable for people with color vision deficiencies (after Okabe and Ito). */
const COLORS: readonly (readonly [light: string, dark: string])[] = [
  ['#0067a5', '#5cb8ee'],
  ['#c75000', '#f59a52'],
  ['#00775a', '#34cba0'],
  ['#a3427f', '#e795c6'],
  ['#7a6200', '#e4cf55'],
  ['#5a4fc0', '#aaa5ff'],
];

const colorRules = (dark: boolean): string =>
  COLORS.map((pair, i) => `.gs-paths .p${i + 1}{--c:${pair[dark ? 1 : 0]}}`).join('');

const STYLE = trusted(
  `.gs-paths{max-width:100%;height:auto;--ink:#1f2328;--muted:#57606a;--level:#8a94a0;--low:#dfeaf4;--surface:#fff;` +
    'font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}' +
    `${colorRules(false)}@media screen and (prefers-color-scheme:dark){.gs-paths{--ink:#e8edf2;--muted:#9ba6b1;` +
    `--level:#5f6a76;--low:#1b2a3a;--surface:#0e1217}${colorRules(true)}}` +
    '.gs-paths .p0{--c:var(--ink)}.gs-paths text{fill:var(--ink)}.gs-paths .soft{fill:var(--muted)}' +
    '.gs-paths .level{fill:var(--low);fill-opacity:.22;stroke:var(--level);stroke-width:.8px}' +
    '.gs-paths .frame{fill:none;stroke:var(--muted)}' +
    '.gs-paths .path{fill:none;stroke:var(--c);stroke-width:2px;stroke-linejoin:round}' +
    '.gs-paths .reference{stroke-width:2.5px;stroke-dasharray:7 3}.gs-paths .end{fill:var(--c);stroke:var(--surface)}' +
    '.gs-paths .start{fill:var(--surface);stroke:var(--ink);stroke-width:2px}',
);

/** A rectangle of the figure, and how data are placed in it. */
interface Plot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  place(point: readonly [number, number]): readonly [number, number];
}

/**
 * Draws the paths of the weights of a layer over the training loss, in the plane of the first two principal components
 * of all snapshots. The reference is dashed. Circles: the common start; dots: the ends.
 */
export function drawPaths(data: PathsData, options: PathsOptions = {}): string {
  const { width = 720, id = 'paths', title = `Paths of the weights of ${data.layer}` } = options;
  const isNarrow = width < 560;
  const side = isNarrow ? width - 2 * MARGIN.left : width - 2 * MARGIN.left - LEGEND;
  const plot = createPlot(data, { left: MARGIN.left, top: MARGIN.top, width: side, height: side * 0.85 });
  const legendTop = isNarrow ? MARGIN.top + plot.height + MARGIN.bottom + LINE : MARGIN.top + LINE;
  const height = Math.max(
    MARGIN.top + plot.height + MARGIN.bottom,
    legendTop + LINE * (data.paths.length * (isNarrow ? 1 : 2) + 1),
  );
  const explained = `the plane has ${formatShare(data.share)} of the variation of these paths`;
  const axes = [
    drawText(`loss of the training set, if only ${data.layer} changes`, plot.left, 18, 'soft'),
    drawText(`1st principal component → (2nd: ↑); ${explained}`, plot.left, plot.top + plot.height + 20, 'soft'),
  ];
  const shown = data.landscape ? axes : [axes[1]!];
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  const labelled = { 'aria-labelledby': `${id}-title`, 'aria-describedby': `${id}-desc` };
  const root = { xmlns: 'http://www.w3.org/2000/svg', class: 'gs-paths', role: 'img', ...size, ...labelled };
  return element('svg', root, [
    element('title', { id: `${id}-title` }, [text(title)]),
    element('desc', { id: `${id}-desc` }, [text(describePaths(data))]),
    element('style', {}, [STYLE]),
    element('clipPath', { id: `${id}-clip` }, [element('rect', rectangle(plot))]),
    element('g', { 'clip-path': `url(#${id}-clip)` }, [
      ...(data.landscape ? drawLevels(data.landscape, plot) : []),
      ...data.paths.map((path, i) => drawPath(path, i, plot)).toReversed(),
      ...drawStart(data.paths, plot),
    ]),
    element('rect', { class: 'frame', ...rectangle(plot) }),
    ...shown,
    ...data.paths.map((path, i) =>
      drawEntry(path, i, { left: isNarrow ? MARGIN.left : plot.left + plot.width + 14, top: legendTop, isNarrow }),
    ),
  ]);
}

function rectangle({ left, top, width, height }: Plot): Record<string, number> {
  return { x: left, y: top, width, height };
}

function createPlot(data: PathsData, area: Omit<Plot, 'place'>): Plot {
  const points = data.paths.flatMap(({ points }) => points);
  const [xs, ys] = [data.landscape?.x ?? points.map(([x]) => x), data.landscape?.y ?? points.map(([, y]) => y)];
  const [left, right] = findRange(xs);
  const [bottom, top] = findRange(ys);
  return {
    ...area,
    place: ([x, y]) => [
      area.left + (area.width * (x - left)) / (right - left),
      area.top + (area.height * (top - y)) / (top - bottom),
    ],
  };
}

function findRange(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return high > low ? [low, high] : [low - 1, high + 1];
}

/** Draws areas of low loss over those of high loss. The levels are quantiles, so that valleys have lines, too. */
function drawLevels({ x, y, losses }: LandscapeData, plot: Plot): Markup[] {
  const sorted = losses.toSorted((a, b) => a - b);
  const levels = Array.from({ length: LEVELS }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / LEVELS)]!);
  // Contours enclose what is above a threshold, so losses are negated: areas below a level.
  const thresholds = [...new Set(levels)].map((level) => -level).sort((a, b) => a - b);
  const grid = losses.map((loss) => -loss);
  const toPlace = ([column, row]: readonly number[]): string => {
    // The center of a cell is at its index + 1/2.
    const at = [interpolate(x, column! - 0.5), interpolate(y, row! - 0.5)] as const;
    return plot
      .place(at)
      .map((value) => value.toFixed(1))
      .join(' ');
  };
  return contours()
    .size([x.length, y.length])
    .thresholds(thresholds)(grid)
    .map(({ coordinates }) => {
      const rings = coordinates.flat().map((ring) => `M${ring.map(toPlace).join('L')}Z`);
      return element('path', { class: 'level', d: rings.join('') });
    });
}

/** Returns the value at a fractional index of evenly spaced values. */
function interpolate(values: readonly number[], index: number): number {
  return values[0]! + ((values.at(-1)! - values[0]!) * index) / (values.length - 1);
}

/** The reference, or a trial by its place in the ranking. */
function chooseClass({ trial }: PathData, index: number): string {
  return trial === null ? 'p0' : `p${((index - 1) % COLORS.length) + 1}`;
}

function drawPath(path: PathData, index: number, plot: Plot): Markup {
  const places = path.points.map((point) => plot.place(point));
  const [cx, cy] = places.at(-1)!;
  const d = `M${places.map((place) => place.map((value) => value.toFixed(1)).join(' ')).join('L')}`;
  const name = chooseClass(path, index);
  return join([
    element('path', { class: `path ${name}${path.trial === null ? ' reference' : ''}`, d }),
    element('circle', { class: `end ${name}`, cx, cy, r: 5 }),
  ]);
}

function drawStart([first]: readonly PathData[], plot: Plot): Markup[] {
  if (!first) return [];
  const [cx, cy] = plot.place(first.points[0]!);
  return [element('circle', { class: 'start', cx, cy, r: 5 })];
}

function drawEntry(
  path: PathData,
  index: number,
  { left, top, isNarrow }: { left: number; top: number; isNarrow: boolean },
): Markup {
  const y = top + index * LINE * (isNarrow ? 1 : 2);
  const name = chooseClass(path, index);
  const details = [
    ...(path.cosine === null ? [] : [`cosine ${formatNumber(Number(path.cosine.toFixed(2)))}`]),
    ...(path.share === null ? [] : [`${formatShare(path.share)} in the plane`]),
  ].join(', ');
  const label = shortenText(path.name, LEGEND - 40);
  const place = isNarrow ? { x: left + 34 + measureText(label), y } : { x: left + 26, y: y + LINE - 2 };
  return join([
    element('path', {
      class: `path ${name}${path.trial === null ? ' reference' : ''}`,
      d: `M${left} ${y - 4}L${left + 20} ${y - 4}`,
    }),
    drawText(label, left + 26, y),
    drawText(details, place.x, place.y, 'soft'),
  ]);
}

function drawText(content: string, x: number, y: number, className?: string): Markup {
  return element('text', { x, y, class: className }, [text(content)]);
}

function formatShare(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function describePaths({ layer, share, paths, landscape }: PathsData): string {
  const listed = paths.map(({ name, cosine, share }) => {
    const parts = [
      ...(cosine === null ? [] : [`mean cosine ${cosine.toFixed(2)}`]),
      ...(share === null ? [] : [`${formatShare(share)} in the plane`]),
    ];
    return parts.length ? `${name} (${parts.join(', ')})` : name;
  });
  const surface = landscape
    ? ` The loss there is ${formatNumber(Math.min(...landscape.losses))} to ` +
      `${formatNumber(Math.max(...landscape.losses))}, over ${landscape.examples} training examples.`
    : '';
  return (
    `Lines in the plane of the first two principal components of the weights of ${layer}, which has ` +
    `${formatShare(share)} of their variation: ${listed.join('; ')}.${surface}`
  );
}
