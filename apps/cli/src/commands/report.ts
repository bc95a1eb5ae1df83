import { toFileName } from '@gradsmith/core/domain';
import type { Command } from 'commander';
import { defaultCacheDir } from '../env.ts';
import { withHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { printExact, printJson, say } from '../output.ts';
import { writeReport } from '../report/write-report.ts';
import { groups, withExamples, withJson } from './define.ts';

export const DOCUMENT_ARGUMENT = 'id or name of the job, or a file with an exported one (default: the newest job)';

export function addReport(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('report')
        .helpGroup(groups.look)
        .summary("write a job's report as one HTML page")
        .description(
          'Writes everything there is to see of a job as one HTML page that needs nothing else: ' +
            'search, curves, b-functions, gains on fresh seeds, how to do it again.',
        )
        .argument('[job]', DOCUMENT_ARGUMENT),
    ),
    '{job, report}',
  )
    .option('-o, --output <file>', 'where to write it (default: <job>.html)')
    .option('--force', 'overwrite the file even if it is not a report')
    .action(
      async (
        job: string | undefined,
        { output, force, json, ...at }: Partial<HostOptions> & { output?: string; force?: boolean; json?: boolean },
      ) => {
        const [{ renderReport }, { measurePaths }, { toReportData }, { readDocument }] = await Promise.all([
          import('@gradsmith/charts/report'),
          import('../report/measure-paths.ts'),
          import('../report/to-report-data.ts'),
          import('../source.ts'),
        ]);
        const document = await showMeter('reading the job', readDocument(job, at));
        const report = output ?? toFileName(document.job.id, '.html');
        const paths = await measurePaths(document, defaultCacheDir);
        writeReport(report, renderReport(toReportData(document, new Date(), paths)), force);
        if (json) printJson({ job: document.job.id, report });
        else printExact(report);
        // The path is the result; on its own it does not say that there was a choice.
        if (output === undefined && !json)
          say(`this is the report of job ${document.job.id} (${document.spec.name}); -o FILE writes it elsewhere`);
      },
    );
  withExamples(command, 'gradsmith report', 'gradsmith report two-gaussians -o found.html');
}
