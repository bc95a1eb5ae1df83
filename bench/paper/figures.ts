import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFigure } from '@gradsmith/charts';
import { renderSvg } from '@gradsmith/charts/render';
import { sampleLayers } from '@gradsmith/charts/sample-layers';
import { rankSummaries } from './compare.ts';
import type { JobFolder } from './run-jobs.ts';
import type { JobSummary } from './summarize-job.ts';

/** The same job in both sizes, so the names of its figures get no prefix. */
const CATALOGUE_JOB = 'paper-3.1-d2-s1';
/** The number of paths that a report draws. */
const PATHS = 6;
const WIDTH = 736;

/** A figure of the paper, and where the product draws it: the report of a job, below a heading. */
const figures = [
  { file: 'figure-1b.svg', job: CATALOGUE_JOB, heading: /^Paths of the weights/ },
  { file: 'figure-2a.svg', job: 'paper-3.2', heading: /^The b-functions? found/ },
  { file: 'figure-2b.svg', job: 'paper-3.2', heading: /^Loss over training/ },
  { file: 'figure-beta.svg', job: 'paper-3.2', heading: /^The best b-function as a learning rate/ },
  { file: 'figure-evolution-early.svg', job: 'evolution-search', heading: /^Loss over training, on fresh seeds/ },
  {
    file: 'figure-evolution-converged.svg',
    job: 'evolution-converged',
    heading: /^Loss over training, on fresh seeds/,
  },
];

/**
 * Writes the figures of the paper whose jobs have run in the folder; the others stay as they are. Their names start
 * with `prefix`.
 */
export function writeFigures(
  folder: JobFolder,
  jobs: ReadonlyMap<string, JobSummary>,
  out: string,
  prefix: string,
): void {
  const catalogue = jobs.get(CATALOGUE_JOB);
  if (catalogue) writeFileSync(join(out, 'figure-1a.svg'), `${drawDerivatives(catalogue)}\n`);
  for (const name of new Set(figures.map(({ job }) => job))) {
    const job = jobs.get(name);
    const page = job ? folder.report(name) : null;
    if (!job || page === null) continue;
    for (const { file, heading } of figures.filter((figure) => figure.job === name)) {
      const svg = findFigure(page, heading);
      if (svg === null) throw new Error(`the report of ${name} has no figure for ${file}`);
      const start = name === CATALOGUE_JOB ? '' : prefix;
      writeFileSync(join(out, `${start}${file}`), `${nameTrials(svg, job)}\n`);
    }
  }
}

/** Draws the derivatives whose paths are in figure 1b. The report draws fewer of them. */
export function drawDerivatives(job: JobSummary): string {
  const best = rankSummaries(job).slice(0, PATHS);
  const [layer] = sampleLayers(
    job.spec,
    best.map(({ id, point }) => ({ number: Number(id), point })),
  );
  const figure = createFigure('b-functions', { ...layer!, count: PATHS }, { width: WIDTH });
  return nameTrials(renderSvg(figure, { width: WIDTH, id: 'derivatives' }), job);
}

/** Returns the drawing below a heading of a report; null if there is none. */
export function findFigure(page: string, heading: RegExp): string | null {
  for (const [, title, svg] of page.matchAll(/<h2>([^<]*)<\/h2>\s*<figure>\s*(<svg[\s\S]*?<\/svg>)/g))
    if (heading.test(title!)) return svg!;
  return null;
}

/** Names trials of a catalogue by their derivative, because their numbers say nothing outside of their job. */
function nameTrials(svg: string, { trials }: JobSummary): string {
  return svg.replace(/(?:g, )?trial (\d+)(?: \([^)]*\))?/g, (text, id: string) => {
    const kind = trials.find((trial) => trial.id === id)?.point['derivative'];
    return typeof kind === 'string' ? `${kind}′` : text;
  });
}
