import { writeFileSync } from 'node:fs';
import { renderReport } from '@gradsmith/charts';
import type { Command } from 'commander';
import { defaultDataDir, defaultServer } from '../env.ts';
import { toReportData } from '../report/to-report-data.ts';
import { readDocument, type SourceOptions } from '../source.ts';

export function addReport(program: Command): void {
  program
    .command('report')
    .summary('write a job\'s report as one HTML page')
    .argument('<job>', 'id of the job, or a file with an exported one')
    .option('-o, --output <file>', 'where to write it (default: <job>.html)')
    .option('--data <folder>', 'folder of the embedded ledger', defaultDataDir)
    .option('--server <url>', 'API to read the job from', defaultServer)
    .addHelpText('after', '\nExample:\n  gradsmith report job_0123456789abcdef0123 -o found.html')
    .action(async (job: string, options: SourceOptions & { output?: string }) => {
      const document = await readDocument(job, options);
      const path = options.output ?? `${document.job.id}.html`;
      writeFileSync(path, renderReport(toReportData(document, new Date())));
      console.log(path);
    });
}
