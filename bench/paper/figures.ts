import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobFolder } from './run-jobs.ts';
import type { JobSummary } from './summarize-job.ts';

/** A figure of the paper, and where the product draws it: the report of a job, below a heading. */
const figures = [
  { file: 'figure-1a.svg', job: 'paper-3.1-d2-s1', heading: /^The b-functions? found/ },
  { file: 'figure-1b.svg', job: 'paper-3.1-d2-s1', heading: /^Paths of the weights/ },
  { file: 'figure-2a.svg', job: 'paper-3.2', heading: /^The b-functions? found/ },
  { file: 'figure-2b.svg', job: 'paper-3.2', heading: /^Loss over training/ },
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
  for (const name of new Set(figures.map(({ job }) => job))) {
    const job = jobs.get(name);
    const page = job ? folder.report(name) : null;
    if (!job || page === null) continue;
    for (const { file, heading } of figures.filter((figure) => figure.job === name)) {
      const svg = findFigure(page, heading);
      if (svg === null) throw new Error(`the report of ${name} has no figure for ${file}`);
      writeFileSync(join(out, `${prefix}${file}`), `${nameTrials(svg, job)}\n`);
    }
  }
}

/** Returns the drawing below a heading of a report; null if there is none. */
export function findFigure(page: string, heading: RegExp): string | null {
  for (const [, title, svg] of page.matchAll(/<h2>([^<]*)<\/h2>\s*<figure>\s*(<svg[\s\S]*?<\/svg>)/g))
    if (heading.test(title!)) return svg!;
  return null;
}

/** Names trials of a catalogue by their derivative, because their numbers say nothing outside of their job. */
function nameTrials(svg: string, { trials }: JobSummary): string {
  return svg.replace(/(?:g, )?trial (\d+)/g, (text, id: string) => {
    const kind = trials.find((trial) => trial.id === id)?.point['derivative'];
    return typeof kind === 'string' ? `${kind}′` : text;
  });
}
