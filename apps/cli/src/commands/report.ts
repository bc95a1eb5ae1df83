import { toFileName } from '@gradsmith/core/domain';
import type { JobDocument } from '@gradsmith/core/jobs';
import type { Command } from 'commander';
import { defaultCacheDir } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { withHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { printExact, printJson, say } from '../output.ts';
import { writeReport } from '../report/write-report.ts';
import { groups, withExamples, withJson } from './define.ts';

export const DOCUMENT_ARGUMENT = 'id or name of the job, or a file with an exported one (default: the newest job)';
/** Jobs of one comparison: the colors of a figure can tell this many apart. */
const MOST = 8;

interface ReportOptions extends Partial<HostOptions> {
  output?: string;
  force?: boolean;
  json?: boolean;
}

export function addReport(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('report')
        .helpGroup(groups.look)
        .summary("write a job's report, or the comparison of several, as one HTML page")
        .description(
          'Writes everything there is to see of a job as one HTML page that needs nothing else: ' +
            'search, curves, b-functions, gains on fresh seeds, how to do it again. ' +
            `With two to ${MOST} jobs, the page compares their gains, searches, best b-functions and settings.`,
        )
        .argument('[jobs...]', `${DOCUMENT_ARGUMENT}; several for a comparison`),
    ),
    '{job, report}, or {jobs, report} for a comparison',
  )
    .option('-o, --output <file>', 'where to write it (default: <job>.html, or comparison.html)')
    .option('--force', 'overwrite the file even if it is not a report')
    .action(async (jobs: readonly string[], { output, force, json, ...at }: ReportOptions) => {
      if (jobs.length > MOST)
        throw new Failure(exitCodes.usage, 'usage', `A comparison has at most ${MOST} jobs; ${jobs.length} are given.`);
      const { readDocument } = await import('../source.ts');
      const documents: JobDocument[] = [];
      for (const job of jobs.length ? jobs : [undefined])
        documents.push(await showMeter('reading the job', readDocument(job, at)));
      const [first, ...others] = documents as [JobDocument, ...JobDocument[]];
      const report = output ?? (others.length ? 'comparison.html' : toFileName(first.job.id, '.html'));
      writeReport(report, others.length ? await compareJobs(documents) : await reportJob(first), force);
      const ids = documents.map(({ job }) => job.id);
      if (json) printJson(others.length ? { jobs: ids, report } : { job: ids[0], report });
      else printExact(report);
      // The path is the result; on its own it does not say that there was a choice.
      if (output === undefined && !json)
        say(
          `this is the ${others.length ? 'comparison of jobs' : 'report of job'} ` +
            `${documents.map(({ job, spec }) => `${job.id} (${spec.name})`).join(', ')}; -o FILE writes it elsewhere`,
        );
    });
  withExamples(
    command,
    'gradsmith report',
    'gradsmith report two-gaussians -o found.html',
    'gradsmith report two-gaussians two-gaussians.json -o comparison.html',
  );
}

async function reportJob(document: JobDocument): Promise<string> {
  const [{ renderReport }, { measurePaths }, { toReportData }] = await Promise.all([
    import('@gradsmith/charts/report'),
    import('../report/measure-paths.ts'),
    import('../report/to-report-data.ts'),
  ]);
  const paths = await measurePaths(document, defaultCacheDir);
  return renderReport(toReportData(document, new Date(), paths));
}

async function compareJobs(documents: readonly JobDocument[]): Promise<string> {
  const [{ renderComparison }, { listDifferences }, { toReportData }] = await Promise.all([
    import('@gradsmith/charts/comparison'),
    import('@gradsmith/charts'),
    import('../report/to-report-data.ts'),
  ]);
  const now = new Date();
  return renderComparison({
    jobs: documents.map((document) => toReportData(document, now)),
    differences: listDifferences(documents.map(({ spec }) => spec)),
  });
}
