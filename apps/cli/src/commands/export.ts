import { writeFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { findJob } from '../hosts/find-job.ts';
import { readAllTrials, type Host } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { printJson, say } from '../output.ts';
import { formatBytes } from '../text/numbers.ts';
import { groups, JOB_ARGUMENT, withExamples, withJson } from './define.ts';

interface ExportOptions extends Partial<HostOptions> {
  format: 'json' | 'csv' | 'jsonl';
  output?: string;
  json?: boolean;
}

export function addExport(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('export')
        .helpGroup(groups.look)
        .summary('write a job out, whole or as a table')
        .description(
          'Writes a whole job as one document that gradsmith import, report and replay can read, or ' +
            'its trials as CSV or JSON lines.',
        )
        .argument('[job]', JOB_ARGUMENT),
    ),
    '{job, format, file} where a file is written',
  )
    .addOption(
      new Option('--format <format>', 'json: the whole job; csv, jsonl: its trials')
        .choices(['json', 'csv', 'jsonl'])
        .default('json'),
    )
    .option('-o, --output <file>', 'where to write it (default: standard output; a terminal takes only short ones)')
    .action(async (job: string | undefined, { format, output, json, ...at }: ExportOptions) => {
      await withOpenHost(at, async (host) => {
        const id = await findJob(host, job);
        const text = await showMeter('reading the job', readExport(host, id, format));
        if (output === undefined) {
          if (process.stdout.isTTY) refuseFlood(text, id);
          process.stdout.write(text);
          return;
        }
        writeFileSync(output, text);
        if (json) printJson({ job: id, format, file: output });
        else say(`job ${id} is written to ${output}`);
      });
    });
  withExamples(
    command,
    'gradsmith export two-gaussians -o two-gaussians.json',
    'gradsmith export two-gaussians --format csv',
  );
}

/** Characters that a terminal may get: some screens of a table. */
const MAX_SHOWN = 10_000;

/** Throws Failure if a text is too long to be read on a terminal. */
export function refuseFlood(text: string, job: string): void {
  if (text.length <= MAX_SHOWN) return;
  throw new Failure(
    exitCodes.usage,
    'long-output',
    `this would print ${formatBytes(text.length)} to the terminal.\nWrite it to a file (gradsmith export ${job} -o ` +
      `FILE), or read it page by page (| less).`,
  );
}

async function readExport(host: Host, id: string, format: ExportOptions['format']): Promise<string> {
  if (format === 'json') return `${JSON.stringify(await host.document(id))}\n`;
  const trials = await readAllTrials(host, id);
  if (format === 'jsonl') return trials.map((trial) => `${JSON.stringify(trial)}\n`).join('');
  const [{ formatTrialsCsv }, { listParameterNames }] = await Promise.all([
    import('@gradsmith/contract'),
    import('@gradsmith/core/spec'),
  ]);
  const parameters = listParameterNames(await host.spec(id));
  const metrics = [...new Set(trials.flatMap((trial) => Object.keys(trial.metrics)))].sort();
  let text = '';
  for await (const row of formatTrialsCsv(trials, { parameters, metrics })) text += row;
  return text;
}
