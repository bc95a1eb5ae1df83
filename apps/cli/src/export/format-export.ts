import { formatCurvesCsv, formatTrialsCsv, listCurveRows } from '@gradsmith/contract';
import {
  curveColumns,
  describeExportedJob,
  formatOptunaJournal,
  formatParquet,
  listTrialColumns,
  toTrialRow,
  type ExportedJob,
} from '@gradsmith/exports';
import type { Host } from '../hosts/host.ts';
import type { FileFormat } from './file-formats.ts';
import { listMetricNames, readTrialDetails, readTrials } from './read-details.ts';

export async function readExportedJob(host: Host, id: string): Promise<ExportedJob> {
  return describeExportedJob(await host.spec(id), await host.status(id));
}

/** Writes a job in a format, part by part. With `curves`, a table has one row for each point of a curve. */
export async function* formatExport(
  host: Host,
  id: string,
  { format, curves }: { format: FileFormat; curves: boolean },
): AsyncGenerator<string | Uint8Array> {
  if (format === 'json') yield* formatDocument(host, id);
  else if (format === 'jsonl') yield* formatJsonLines(host, id, curves);
  else if (format === 'optuna') yield* formatOptunaJournal(await readExportedJob(host, id), readTrialDetails(host, id));
  else if (curves) yield* formatCurves(host, id, format);
  else yield* formatTrials(host, id, format);
}

async function* formatDocument(host: Host, id: string): AsyncGenerator<string> {
  yield* host.documentTexts(id);
  yield '\n';
}

async function* formatJsonLines(host: Host, id: string, curves: boolean): AsyncGenerator<string> {
  const rows = curves
    ? listCurveRows(await readExportedJob(host, id), readTrialDetails(host, id))
    : readTrials(host, id);
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

async function* formatCurves(host: Host, id: string, format: 'csv' | 'parquet'): AsyncGenerator<string | Uint8Array> {
  const rows = listCurveRows(await readExportedJob(host, id), readTrialDetails(host, id));
  yield* format === 'csv' ? formatCurvesCsv(rows) : formatParquet(curveColumns, rows);
}

async function* formatTrials(host: Host, id: string, format: 'csv' | 'parquet'): AsyncGenerator<string | Uint8Array> {
  const job = await readExportedJob(host, id);
  const metrics = await listMetricNames(host, id);
  const trials = readTrials(host, id);
  if (format === 'csv') yield* formatTrialsCsv(trials, { parameters: [...job.parameters.keys()], metrics });
  else
    yield* formatParquet(
      listTrialColumns(job, metrics),
      mapTrials(trials, (trial) => toTrialRow(job, trial)),
    );
}

async function* mapTrials<T, U>(trials: AsyncIterable<T>, map: (trial: T) => U): AsyncGenerator<U> {
  for await (const trial of trials) yield map(trial);
}
