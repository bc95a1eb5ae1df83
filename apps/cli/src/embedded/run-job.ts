import { dirname, join, resolve } from 'node:path';
import { Conflict, isActive, toFileName } from '@gradsmith/core/domain';
import { createJob } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { isTrainingJob, type JobSpec } from '@gradsmith/core/spec';
import { checkDataSet } from '@gradsmith/training/data';
import { exitCodes } from '../exit-codes.ts';
import { chooseView } from '../follow/choose-view.ts';
import { summarizeJob } from '../follow/describe.ts';
import { followJob } from '../follow/follow.ts';
import { formatJobCommand } from '../hosts/describe-idle.ts';
import { EmbeddedHost } from '../hosts/embedded-host.ts';
import { createInterruption } from '../interruption.ts';
import { makeLog } from '../log.ts';
import { print, printEvent, say } from '../output.ts';
import { checkReportPlace, writeReport } from '../report/write-report.ts';
import { cleanText } from '../text/clean.ts';
import { formatPlural } from '../text/numbers.ts';
import { openLedger } from './open.ts';
import { chooseEmbeddedJobId, runEmbedded, startSlots } from './run-embedded.ts';

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
  return closeAfter(ledger, async () =>
    runJob({ ledger, jobId: await chooseEmbeddedJobId(ledger, spec), spec, again }, options),
  );
}

/** Runs a job that is in the ledger. `again` is the command that continues it. */
export async function runKnown(host: EmbeddedHost, jobId: string, again: string, options: RunOptions): Promise<number> {
  return runJob({ ledger: host.ledger, jobId, spec: await host.spec(jobId), again }, options);
}

async function closeAfter<T>(resource: { close(): Promise<void> } | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await resource?.close();
  }
}

interface Run {
  ledger: Ledger;
  jobId: string;
  spec: JobSpec;
  /** The command that continues the job. */
  again: string;
}

/**
 * Runs a job, and creates it first if the ledger does not have it. It is created only after all checks that this
 * machine can run it. Returns the exit code: 0 for a job that completed, 1 if it failed or was cancelled, 130 if it was
 * interrupted.
 */
async function runJob(run: Run, options: RunOptions): Promise<number> {
  const { ledger, jobId, spec } = run;
  const { data, json, plain } = options;
  const host = new EmbeddedHost(ledger, data, false);
  if (options.report) checkReportPlace(options.report, isInLedgerFolder(options.report, options));
  const found = await ledger.findJob(jobId);
  const isFinished = found !== null && !isActive(found.job.state);
  if (found?.job.state === 'paused')
    throw new Conflict(`job ${jobId} is paused; first ${formatJobCommand(host, 'resume', jobId)}, then ${run.again}`);
  // Each trial would fail with the same error.
  if (!isFinished && isTrainingJob(spec)) await checkDataSet(spec.objective.dataset, { cacheDir: options.cache });
  if (!isFinished && spec.webhooks?.length)
    say('gradsmith run sends no webhooks; submit the job to a service if you need them');
  const view = chooseView({ json, plain, footer: 'Ctrl-C stops; the same command continues' });
  const signal = createInterruption(() => {
    view.close();
    say('stopping: running trials are released (Ctrl-C once more to stop at once)');
  });
  const log = makeLog(options.verbose ? 'debug' : 'error');
  const onOutage = (error: Error | null): void => view.trouble(error && cleanText(error.message));
  try {
    const slots = isFinished
      ? null
      : await startSlots(jobId, spec, found?.job.runtime ?? null, {
          dataDir: data,
          cacheDir: options.cache,
          modules: options.modules,
          slots: options.slots,
          log,
          onActivity: (text) => view.activity(text),
        });
    const unrecorded = await closeAfter(slots, async () => {
      if (!found) await createJob(ledger, jobId, spec);
      const failed = new AbortController();
      const either = AbortSignal.any([signal, failed.signal]);
      const running = slots ? runEmbedded({ ledger, jobId, slots, log, signal: either, onOutage }) : Promise.resolve(0);
      running.catch(() => failed.abort());
      const followed = followJob(host, jobId, view, { signal: either, everyMs: EVERY_MS });
      followed.catch(() => failed.abort());
      // Both have ended before the slots and the ledger are closed, which they use.
      await Promise.allSettled([running, followed]);
      await followed;
      return running;
    });
    view.close();
    return await concludeRun(host, jobId, run.again, options, { interrupted: signal.aborted, unrecorded });
  } finally {
    view.close();
  }
}

async function concludeRun(
  host: EmbeddedHost,
  jobId: string,
  again: string,
  options: RunOptions,
  { interrupted, unrecorded }: { interrupted: boolean; unrecorded: number },
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
    const first = status.state === 'paused' ? `${formatJobCommand(host, 'resume', jobId)}, then ` : '';
    say(
      `stopped after ${formatPlural(status.settled, 'trial')} of ${status.budget}; ${describeLoss(unrecorded)}. ` +
        `Continue with: ${first}${again}`,
    );
    return exitCodes.interrupted;
  }
  return status.state === 'completed' || status.state === 'exhausted' ? exitCodes.done : exitCodes.failed;
}

function describeLoss(unrecorded: number): string {
  if (!unrecorded) return 'nothing is lost';
  const [results, they] =
    unrecorded === 1
      ? ['the result of 1 trial is', 'it runs']
      : [`the results of ${unrecorded} trials are`, 'they run'];
  return `${results} not recorded, because the ledger could not be written; ${they} again`;
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
