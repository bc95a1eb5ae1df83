import { createFigure, type FigureData, type FigureKind } from '../figures/create-figure.ts';
import { listRankParameters } from '../figures/rank.ts';
import { renderSvg } from '../render/render-svg.ts';
import { type Markup, text, trusted } from '../text/markup.ts';
import { formatCount } from '../text/numbers.ts';
import { collectComplexity } from './collect-complexity.ts';
import { collectBestCurves, collectConfirmedCurves } from './collect-curves.ts';
import type { ReportData } from './data.ts';
import { html } from './html.ts';
import { listMarkedTrials } from './rank-complete-trials.ts';

/**
 * Widths of a figure, px: of the page's column, and of a phone. The style sheet shows one of them, so that texts keep
 * their size on both.
 */
const WIDTHS = { wide: 736, narrow: 342 } as const;

export interface Section<Kind extends FigureKind> {
  readonly heading: string;
  /** One sentence about the figure. */
  readonly caption: string;
  readonly kind: Kind;
  readonly data: FigureData[Kind];
}

/** Draws the figures of a report, each below its heading. A figure without data is omitted. */
export function drawFigures(data: ReportData): Markup[] {
  return [
    ...drawBFunctionSections(data),
    ...drawImplicitRateSections(data),
    ...drawCurveSections(data),
    ...drawPathSection(data),
    ...drawParetoSection(data),
    ...drawComplexitySection(data),
    ...drawSearchSections(data),
    ...drawParameterSections(data),
  ];
}

function drawBFunctionSections({ bFunctions }: ReportData): Markup[] {
  const isSeveral = bFunctions.length > 1;
  return bFunctions.flatMap((layer) =>
    drawSection({
      heading: isSeveral ? `The b-functions found for ${layer.layer}` : 'The b-functions found',
      caption:
        `What multiplies the gradient at ${layer.layer}: g(z) of the best trials, and ` +
        `${layer.activation}′ of plain backpropagation (dashed).`,
      kind: 'b-functions',
      data: layer,
    }),
  );
}

function drawImplicitRateSections({ implicitRates = [] }: ReportData): Markup[] {
  const isSeveral = implicitRates.length > 1;
  return implicitRates.flatMap((rate) =>
    drawSection({
      heading: `The best b-function as a learning rate${isSeveral ? `, ${rate.layer}` : ''}`,
      caption:
        `g(z) of trial ${rate.found.number}, the learning rate β(z) that it stands for in equation 4 of the paper, ` +
        `and where the inputs z of ${rate.layer} lie. Only a constant β is exactly a learning rate.`,
      kind: 'implicit-rate',
      data: rate,
    }),
  );
}

function drawCurveSections(data: ReportData): Markup[] {
  const [best, confirmed] = [collectBestCurves(data), collectConfirmedCurves(data)];
  const isLoss = data.curveMeaning.cap !== null;
  const title = isLoss ? 'Loss over training' : 'Reported values by step';
  return [
    ...(best?.trials.length
      ? drawSection({
          heading: title,
          caption: isLoss
            ? 'The loss per step, with the seeds of the search.'
            : `Values of ${data.metric.name} that the best trials reported.`,
          kind: 'curves',
          data: best,
        })
      : []),
    ...(confirmed
      ? drawSection({
          heading: `${title}, on fresh seeds`,
          caption: 'Each confirmed point and the reference, trained again from the same fresh seeds.',
          kind: 'curves',
          data: confirmed,
        })
      : []),
  ];
}

function drawPathSection({ paths }: ReportData): Markup[] {
  if (!paths) return [];
  const surface = paths.landscape
    ? 'The color is stronger where the loss is lower; the loss is that of the first training examples ' +
      `(${formatCount(paths.landscape.examples)}) at each place of the plane, if only ${paths.layer} changes.`
    : `The loss around the paths is not drawn, because ${paths.obstacle ?? 'it was not measured'}.`;
  return drawSection({
    heading: `Paths of the weights of ${paths.layer}`,
    caption:
      `The circle is the common start. ${surface} Paths leave the plane, so the loss along a path differs from that ` +
      'below it. The cosine is the mean of those between the gradient of the layer and that of plain backpropagation.',
    kind: 'paths',
    data: paths,
  });
}

function drawParetoSection({ pareto }: ReportData): Markup[] {
  if (!pareto) return [];
  return drawSection({
    heading: 'The Pareto front',
    caption: 'Complete trials by their objectives. No trial is better than one on the front in all of them.',
    kind: 'pareto',
    data: pareto,
  });
}

function drawComplexitySection(data: ReportData): Markup[] {
  const complexity = collectComplexity(data);
  if (!complexity) return [];
  return drawSection({
    heading: 'Complexity and value of the formulas',
    caption: 'Complete trials by the size of their formulas. On the front are those that no simpler one is as good as.',
    kind: 'pareto',
    data: complexity,
  });
}

function drawSearchSections(data: ReportData): Markup[] {
  const { metric, confirmations, baselines, reference, attempts } = data;
  return [
    ...drawSection({
      heading: 'The search',
      caption: `Each trial's ${metric.name}; ${metric.direction === 'minimize' ? 'lower' : 'higher'} is better.`,
      kind: 'search',
      data,
    }),
    ...drawSection({
      heading: 'Distribution of the values',
      caption: 'How often the search found values this good.',
      kind: 'edf',
      data: { metric, searches: [{ name: 'complete trials', trials: data.trials }] },
    }),
    ...(attempts?.length
      ? drawSection({
          heading: 'Attempts by worker',
          caption: 'When each worker tried which trial, and how it ended.',
          kind: 'timeline',
          data: { attempts },
        })
      : []),
    ...(confirmations.length
      ? drawSection({
          heading: 'Confirmed on fresh seeds',
          caption:
            `Each best point${baselines.length ? ' and null hypothesis' : ''} against ` +
            `${reference?.name ?? 'the reference'}, both trained again from the same seed. ` +
            'Circles: single seeds. Bar: mean and its 95 % interval.',
          kind: 'confirmations',
          data,
        })
      : []),
  ];
}

function drawParameterSections(data: ReportData): Markup[] {
  if (!listMarkedTrials(data, 1).length) return [];
  return [
    ...drawSection({
      heading: 'Value by parameter',
      caption: 'Where in its range each parameter did well. A best point at the border asks for a wider range.',
      kind: 'slices',
      data,
    }),
    ...(data.model?.grid
      ? drawSection({
          heading: 'The fitted model over two parameters',
          caption: 'What a model of all trials expects. The two parameters are those along which it varies most.',
          kind: 'contour',
          data,
        })
      : []),
    ...(!data.pareto && listRankParameters(data.parameters).length > 1
      ? drawSection({
          heading: 'Rank over two parameters',
          caption: 'Complete trials by the rank of their value: where the best ones lie, whatever the distances.',
          kind: 'rank',
          data: { ...data, pair: chooseImportantPair(data) },
        })
      : []),
    ...drawSection({
      heading: 'Parallel coordinates',
      caption: 'Each trial is a line over its parameters and its value. Lines of good trials run together.',
      kind: 'parallel',
      data,
    }),
    ...(data.importance?.length
      ? drawSection({
          heading: 'Importance of the parameters',
          caption:
            'Share of the variation of the value, over the whole space, that involves each parameter, as ' +
            'the model of the trials sees it (total Sobol index).',
          kind: 'importance',
          data: data.importance,
        })
      : []),
  ];
}

/** Returns the two most important parameters; null if they are not known. */
function chooseImportantPair({ parameters, importance = [] }: ReportData): [string, string] | null {
  const names = new Set(listRankParameters(parameters).map(({ name }) => name));
  const sorted = importance.filter(({ name }) => names.has(name)).toSorted((a, b) => b.share - a.share);
  return sorted.length > 1 ? [sorted[0]!.name, sorted[1]!.name] : null;
}

/** Draws a figure for the page's column and for a phone, below its heading, with its caption and its notes. */
export function drawSection<Kind extends FigureKind>({ heading, caption, kind, data }: Section<Kind>): Markup[] {
  const id = `${heading.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  const drawn = Object.entries(WIDTHS).map(([size, width]) => {
    const figure = createFigure(kind, data, { width });
    return { figure, svg: trusted(renderSvg(figure, { width, id: `${id}-${size}`, className: `gs-${size}` })) };
  });
  const notes = [caption, ...drawn[0]!.figure.notes].join(' ');
  return [
    html('h2', {}, [text(heading)]),
    html('figure', {}, [...drawn.map(({ svg }) => svg), html('figcaption', {}, [text(notes)])]),
  ];
}
