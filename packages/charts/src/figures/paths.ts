import type { SeriesOption } from 'echarts';
import type { PathData, PathsData } from '../report/data.ts';
import { findExtent, formatNumber } from '../text/numbers.ts';
import { createXAxis, createYAxis, type Extent, widenExtent } from './axis.ts';
import type { Figure, Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, lineIcons, measureTop } from './layout.ts';
import { createLevels } from './levels.ts';
import { createLine } from './lines.ts';
import { chooseSeriesColor } from './theme.ts';

/** Height of the plot as a share of its width. */
const ASPECT = 0.7;

/**
 * Draws the paths of the weights of a layer over the training loss, in the plane of the first two principal components
 * of all snapshots. The reference is dashed. Circles: the common start; dots: the ends.
 */
export function drawPaths(data: PathsData, frame: Frame): Figure {
  const { theme } = frame;
  const { paths, landscape, layer, share } = data;
  const points = paths.flatMap((path) => path.points);
  const x = chooseRange(landscape?.x ?? points.map(([at]) => at));
  const y = chooseRange(landscape?.y ?? points.map(([, at]) => at));
  const legend = paths.map((path): LegendEntry => ({
    name: nameEntry(path),
    icon: path.trial === null ? lineIcons.dashed : lineIcons.solid,
  }));
  const top = measureTop(legend, frame);
  const levels =
    landscape &&
    createLevels(
      { ...landscape, values: landscape.losses },
      {
        id: 'loss',
        fill: chooseSeriesColor(theme, 0),
        line: theme.muted,
      },
    );
  return {
    title: `Paths of the weights of ${layer}`,
    description: describePaths(data),
    notes: [`The plane has ${formatShare(share)} of the variation of these paths.`],
    height: top + Math.round(frame.width * ASPECT) + 40,
    option: {
      ...createBase(frame),
      legend: createLegend(legend, frame),
      grid: { left: 4, right: 16, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: createXAxis(frame, { name: '1st principal component', extent: x }),
      yAxis: { ...createYAxis(frame, { name: '2nd principal component', extent: y }), interval: undefined },
      series: [
        ...(levels ? [levels] : []),
        ...paths.flatMap((path, i) => createPath(path, i, frame)),
        ...createStart(paths, frame),
      ],
    },
    toTable: () => ({
      columns: ['path', 'snapshot', 'first component', 'second component'],
      rows: paths.flatMap(({ name, points: places }) => places.map(([px, py], i) => [name, i, px, py])),
    }),
  };
}

function chooseRange(values: readonly number[]): Extent {
  return widenExtent(findExtent(values) ?? [0, 1]);
}

function nameEntry({ name, cosine, share }: PathData): string {
  const details = [
    ...(cosine === null ? [] : [`cosine ${formatNumber(Number(cosine.toFixed(2)))}`]),
    ...(share === null ? [] : [`${formatShare(share)} in the plane`]),
  ];
  return details.length ? `${name}: ${details.join(', ')}` : name;
}

/** Creates the line of a path, with a dot at its end. The reference comes first and has the color of the text. */
function createPath(path: PathData, index: number, frame: Frame): SeriesOption[] {
  const color = path.trial === null ? frame.theme.ink : chooseSeriesColor(frame.theme, Math.max(0, index - 1));
  const id = path.trial === null ? 'reference' : `trial:${path.trial}`;
  const line = createLine(
    {
      id,
      name: nameEntry(path),
      color,
      places: path.points,
      type: path.trial === null ? 'dashed' : 'solid',
    },
    frame,
  );
  // A path turns back, so its places must not be thinned by x.
  const { sampling: _, ...whole } = line;
  return [
    { ...whole, showSymbol: false },
    {
      type: 'scatter',
      id: `${id}:end`,
      name: nameEntry(path),
      data: [path.points.at(-1)! as unknown as number[]],
      symbol: 'circle',
      symbolSize: 10,
      itemStyle: { color, borderColor: frame.theme.surface, borderWidth: 1, opacity: 1 },
      silent: true,
      z: 5,
    },
  ];
}

function createStart([first]: readonly PathData[], { theme }: Frame): SeriesOption[] {
  if (!first) return [];
  return [
    {
      type: 'scatter',
      id: 'start',
      data: [first.points[0]! as unknown as number[]],
      symbol: 'circle',
      symbolSize: 10,
      itemStyle: { color: theme.surface, borderColor: theme.ink, borderWidth: 2, opacity: 1 },
      silent: true,
      z: 6,
    },
  ];
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
