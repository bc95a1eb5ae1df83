import { dirname, join, resolve } from 'node:path';
import { isActive, toFileName } from '@gradsmith/core/domain';
import { createJob } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { isTrainingJob, type JobSpec } from '@gradsmith/core/spec';
import { checkDataSet } from '@gradsmith/training/data';
import { exitCodes } from '../exit-codes.ts';
import { chooseView } from '../follow/choose-view.ts';
import { summarizeJob } from '../follow/describe.ts';
import { followJob } from '../follow/follow.ts';
import { EmbeddedHost } from '../hosts/embedded-host.ts';
import { createInterruption } from '../interruption.ts';
import { makeLog } from '../log.ts';
import { print, printEvent, say } from '../output.ts';
import { checkReportPlace, writeReport } from '../report/write-report.ts';
import { formatPlural } from '../text/numbers.ts';
import { openLedger } from './open.ts';
import { chooseEmbeddedJobId, runEmbedded } from './run-embedded.ts';

export interface RunOptions {
  data: string;
  cache: string;
  modules?: string;
  slots: number;
  report?: string | false;
  json?: boolean;
  plain?: boolean;
  verbose?: boolean;
}

const EVERY_MS = 250;

/** Runs the job of a specification, and creates it if the ledger does not have it. Returns the exit code. */
export async function runSpec(spec: JobSpec, again: string, options: RunOptions): Promise<number> {
  const ledger = await openLedger(options.data);
  return closeAfter(ledger, async () => {
    const jobId = await chooseEmbeddedJobId(ledger, spec);
    await requireDataSet(ledger, jobId, spec, options.cache);
    await createJob(ledger, jobId, spec);
    return runJob(ledger, jobId, again, options);
  });
}

/** Runs a job that is in the ledger. `again` is the command that continues it. */
export async function runKnown(host: EmbeddedHost, jobId: string, again: string, options: RunOptions): Promise<number> {
  await requireDataSet(host.ledger, jobId, await host.spec(jobId), options.cache);
  return runJob(host.ledger, jobId, again, options);
}

/** Throws the error that each trial of an unfinished job would fail with, because its data set is not in the cache. */
async function requireDataSet(ledger: Ledger, jobId: string, spec: JobSpec, cacheDir: string): Promise<void> {
  const found = await ledger.findJob(jobId);
  if (found && !isActive(found.job.state)) return;
  if (isTrainingJob(spec)) await checkDataSet(spec.objective.dataset, { cacheDir });
}

async function closeAfter<T>(ledger: Ledger, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await ledger.close();
  }
}

/** Returns the exit code: 0 for a job that completed, 1 if it failed or was cancelled, 130 if it was interrupted. */
async function runJob(ledger: Ledger, jobId: string, again: string, options: RunOptions): Promise<number> {
  if (options.report) checkReportPlace(options.report, isInLedgerFolder(options.report, options));
  const { data, json, plain } = options;
  const host = new EmbeddedHost(ledger, data, false);
  const view = chooseView({ json, plain, footer: 'Ctrl-C stops; the same command continues' });
  const signal = createInterruption(() => {
    view.close();
    say('stopping: running trials are released (Ctrl-C once more to stop at once)');
  });
  const failed = new AbortController();
  const running = runEmbedded({
    ledger,
    jobId,
    dataDir: data,
    cacheDir: options.cache,
    modules: options.modules,
    slots: options.slots,
    log: makeLog(options.verbose ? 'debug' : 'error'),
    signal,
    onActivity: (text) => view.activity(text),
  });
  running.catch(() => failed.abort());
  try {
    await followJob(host, jobId, view, { signal: AbortSignal.any([signal, failed.signal]), everyMs: EVERY_MS });
    await running;
  } finally {
    view.close();
  }
  return concludeRun(host, jobId, again, options, signal.aborted);
}

async function concludeRun(
  host: EmbeddedHost,
  jobId: string,
  again: string,
  options: RunOptions,
  interrupted: boolean,
): Promise<number> {
  const status = await host.status(jobId);
  const report =
    status.phase === 'finished' && options.report !== false
      ? (options.report ?? join(options.data, toFileName(jobId, '.html')))
      : null;
  if (report !== null) await reportJob(host, jobId, report, options);
  if (options.json) printEvent({ event: 'end', job: status, report });
  else {
    for (const line of summarizeJob(status, await host.spec(jobId))) print(line);
    if (report !== null) print(`report    ${report}`);
  }
  if (interrupted && status.phase !== 'finished') {
    say(
      `stopped after ${formatPlural(status.settled, 'trial')} of ${status.budget}; nothing is lost. ` +
        `Continue with: ${again}`,
    );
    return exitCodes.interrupted;
  }
  return status.state === 'completed' || status.state === 'exhausted' ? exitCodes.done : exitCodes.failed;
}

/** Files in the ledger's folder are gradsmith's own, such as reports of an earlier version. */
function isInLedgerFolder(path: string, { data }: RunOptions): boolean {
  return resolve(dirname(path)) === resolve(data);
}

async function reportJob(host: EmbeddedHost, jobId: string, path: string, options: RunOptions): Promise<void> {
  const [{ renderReport }, { measurePaths }, { toReportData }] = await Promise.all([
    import('@gradsmith/charts/report'),
    import('../report/measure-paths.ts'),
    import('../report/to-report-data.ts'),
  ]);
  const document = await host.document(jobId);
  const paths = await measurePaths(document, options.cache);
  writeReport(path, renderReport(toReportData(document, new Date(), paths)), isInLedgerFolder(path, options));
}
