import { Option, type Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { fileFormats, type FileFormat } from '../export/file-formats.ts';
import { Failure } from '../failure.ts';
import { formatJobCommand } from '../hosts/describe-idle.ts';
import { findJob } from '../hosts/find-job.ts';
import type { Host } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { printJson, say } from '../output.ts';
import { groups, JOB_ARGUMENT, withExamples, withJson } from './define.ts';

const formats = [...fileFormats, 'tensorboard', 'mlflow'] as const;
type Format = (typeof formats)[number];
const tables: readonly Format[] = ['jsonl', 'csv', 'parquet'];

interface ExportOptions extends Partial<HostOptions> {
  format: Format;
  curves?: boolean;
  output?: string;
  force?: boolean;
  mlflow?: string;
  experiment?: string;
  json?: boolean;
}

export function addExport(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('export')
        .helpGroup(groups.look)
        .summary('write a job out: whole, as a table, or for another program')
        .description(
          'Writes a whole job as one document that gradsmith import, report and replay can read, its trials or ' +
            'curves as a table, or the job for TensorBoard, MLflow or Optuna.',
        )
        .argument('[job]', JOB_ARGUMENT),
    ),
    '{job, format, file} where a file is written; mlflow: {job, format, url, experiment, created, …}',
  )
    .addOption(
      new Option(
        '--format <format>',
        'json: the whole job; jsonl, csv, parquet: its trials; optuna: a study for its JournalStorage; tensorboard: ' +
          'a folder of event files; mlflow: runs on a tracking server',
      )
        .choices(formats)
        .default('json'),
    )
    .option('--curves', 'with jsonl, csv and parquet: a row for each point of a curve, instead of for each trial')
    .option('-o, --output <file>', 'where to write it (default: standard output; a terminal takes only short ones)')
    .option('--force', 'with tensorboard: write into a folder that is not empty')
    .option('--mlflow <url>', 'with mlflow: address of the tracking server (default: $MLFLOW_TRACKING_URI)')
    .option('--experiment <name>', 'with mlflow: name of the experiment (default: that of the job)')
    .action(async (job: string | undefined, { data, server, ...options }: ExportOptions) => {
      checkOptions(options);
      await withOpenHost({ data, server }, async (host) => exportJob(host, await findJob(host, job), options));
    });
  withExamples(
    command,
    'gradsmith export two-gaussians -o two-gaussians.json',
    'gradsmith export two-gaussians --format csv',
    'gradsmith export two-gaussians --format parquet --curves -o curves.parquet',
    'gradsmith export two-gaussians --format tensorboard -o events',
    'gradsmith export two-gaussians --format mlflow --mlflow http://localhost:5000',
    'gradsmith export two-gaussians --format optuna -o study.log',
  );
}

/** Throws Failure if an option does not belong to the format, or one is missing. */
function checkOptions({ format, curves, output, force, mlflow, experiment }: ExportOptions): void {
  const refuse = (message: string): Failure => new Failure(exitCodes.usage, 'usage', message);
  if (curves && !tables.includes(format))
    throw refuse(`--curves is for --format ${tables.join(', ')}; ${format} has the curves in any case`);
  if (force && format !== 'tensorboard') throw refuse('--force is for --format tensorboard');
  if ((mlflow ?? experiment) !== undefined && format !== 'mlflow')
    throw refuse('--mlflow and --experiment are for --format mlflow');
  if (format === 'mlflow' && output !== undefined)
    throw refuse('--format mlflow writes no file; --mlflow URL names the server');
  if (format === 'tensorboard' && output === undefined)
    throw refuse('--format tensorboard writes a folder; name it with -o FOLDER');
}

async function exportJob(host: Host, id: string, options: ExportOptions): Promise<void> {
  const { format } = options;
  if (format === 'mlflow') await sendToMlflow(host, id, options);
  else if (format === 'tensorboard') await writeEventFiles(host, id, options);
  else await writeOneFile(host, id, { ...options, format });
}

async function writeOneFile(
  host: Host,
  id: string,
  { format, curves = false, output, json }: ExportOptions & { format: FileFormat },
): Promise<void> {
  const [{ formatExport }, { writeFile, writeToPipe, writeToTerminal }] = await Promise.all([
    import('../export/format-export.ts'),
    import('../export/write-file.ts'),
  ]);
  const parts = formatExport(host, id, { format, curves });
  if (output === undefined) {
    if (process.stdout.isTTY)
      await showMeter('reading the job', writeToTerminal(parts, formatJobCommand(host, 'export', id)));
    else await writeToPipe(parts);
    return;
  }
  await showMeter('writing the job', writeFile(output, parts));
  if (json) printJson({ job: id, format, file: output });
  else say(`job ${id} is written to ${output}`);
}

async function writeEventFiles(host: Host, id: string, { output, force = false, json }: ExportOptions): Promise<void> {
  const { exportTensorboard } = await import('../export/export-tensorboard.ts');
  const runs = await showMeter('writing the job', exportTensorboard(host, id, output!, force));
  if (json) printJson({ job: id, format: 'tensorboard', file: output, runs });
  else say(`${runs} runs of job ${id} are written to ${output}\nShow them: tensorboard --logdir ${output}`);
}

async function sendToMlflow(host: Host, id: string, { mlflow, experiment, json }: ExportOptions): Promise<void> {
  const { exportMlflow } = await import('../export/export-mlflow.ts');
  const sent = await showMeter('sending the job', exportMlflow(host, id, { url: mlflow, experiment }));
  if (json) return printJson({ job: id, format: 'mlflow', ...sent });
  const { created, unchanged, replaced, url, experimentId } = sent;
  say(`job ${id}: ${created} runs created, ${replaced} replaced, ${unchanged} unchanged`);
  say(`Show them: ${url}/#/experiments/${experimentId}`);
}
