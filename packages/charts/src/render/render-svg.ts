import type { Figure } from '../figures/figure.ts';
import { element, replaceIllegal, text } from '../text/markup.ts';
import { initChart } from './echarts.ts';

export interface SvgOptions {
  /** Width in px; it must be that of the figure's view. */
  readonly width: number;
  /** By default the height that the figure asks for, px. */
  readonly height?: number;
  /** Prefix of the ids in the SVG. It must be unique on a page with several figures. */
  readonly id: string;
  /** CSS class of the root, for a page. */
  readonly className?: string;
}

/**
 * Renders a figure as SVG text with a name and a description for screen readers. Needs no DOM. Equal figures give equal
 * text: what ECharts adds for a page with scripts, and the numbers of its instances, are removed.
 */
export function renderSvg(figure: Figure, { width, height = figure.height, id, className }: SvgOptions): string {
  const chart = initChart(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(figure.option);
    return cleanSvg(chart.renderToSVGString({ useViewBox: true }), figure, { width, height, id, className });
  } finally {
    chart.dispose();
  }
}

function cleanSvg(
  svg: string,
  { title, description }: Figure,
  { width, height, id, className }: SvgOptions & { readonly height: number },
): string {
  const [titleId, descriptionId] = [`${id}-title`, `${id}-desc`];
  const root = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: className,
      role: 'img',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'aria-labelledby': titleId,
      'aria-describedby': descriptionId,
    },
    [element('title', { id: titleId }, [text(title)]), element('desc', { id: descriptionId }, [text(description)])],
  );
  const body = replaceIllegal(svg)
    .replace(/^<svg[^>]*>\s*/, '')
    .replace(/<\/svg>\s*$/, '')
    .replace(/<style[^>]*>[^]*?<\/style>\s*/g, '')
    .replace(/<[^>]+>/g, (tag) => cleanTag(tag, id));
  return root.replace(/<\/svg>$/, `${body}</svg>`);
}

/** Matches an attribute that only a page with scripts needs. */
const UNNEEDED = / (?:ecmeta_\w+|class|pointer-events|stroke-miterlimit)="[^"]*"/g;

/**
 * Removes attributes without a use in a still figure, replaces the number of the chart in ids, and writes styles as
 * attributes, which need no permission of a content security policy.
 */
function cleanTag(tag: string, id: string): string {
  return tag
    .replace(UNNEEDED, '')
    .replace(/ style="([^"]*)"/, (_, style: string) => style.replace(/([\w-]+):([^;]*);?/g, ' $1="$2"'))
    .replace(/ id="zr\d+-/, ` id="${id}-`)
    .replace(/url\(#zr\d+-/g, `url(#${id}-`)
    .replace(/\s+>$/, '>');
}
