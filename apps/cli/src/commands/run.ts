import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderReport } from '@gradsmith/charts';
import { exportJob, isActive, type JobSpec, type Log } from '@gradsmith/core';
import type { Command } from 'commander';
import { defaultCacheDir, defaultDataDir, defaultSlots } from '../env.ts';
import { openLedger } from '../embedded/open.ts';
import { embeddedJobId, runEmbedded } from '../embedded/run-embedded.ts';
import { readJobFile } from '../job-file.ts';
import { makeLog } from '../log.ts';
import { countOption } from '../options.ts';
import { Progress } from '../progress.ts';
import { toReportData } from '../report/to-report-data.ts';

export interface RunOptions {
  data: string;
  cache: string;
  slots: number;
  report?: string | false;
  verbose?: boolean;
}

export function addRun(program: Command): void {
  program
    .command('run')
    .summary('run a job on this machine, without servers')
    .description('Runs the job of a file to its end on this machine. Ctrl-C, or even kill -9, and then the same command: it goes on where it was.')
    .argument('<job-file>', 'YAML or JSON')
    .option('--data <folder>', 'folder of the ledger', defaultDataDir)
    .option('--cache <folder>', 'folder of the data sets', defaultCacheDir)
    .option('--slots <n>', 'trials trained at once', countOption, defaultSlots)
    .option('--report <file>', 'where to write the report (default: in the ledger\'s folder)')
    .option('--no-report', 'write none')
    .option('--verbose', 'log what happens to standard error')
    .addHelpText('after', '\nExample:\n  gradsmith run examples/two-gaussians.yaml --slots 2')
    .action(async (file: string, options: RunOptions) => {
      process.exitCode = await runJob(readJobFile(file), options);
    });
}

/** Exit code: 0 the job ended well, 1 it failed or was cancelled, 130 interrupted. */
export async function runJob(spec: JobSpec, options: RunOptions): Promise<number> {
  const log: Log = makeLog(options.verbose ? 'debug' : 'warn');
  const ledger = await openLedger(options.data);
  const stop = interruptible();
  const progress = new Progress(ledger, spec, (line) => console.log(line));
  const jobId = embeddedJobId(spec);
  console.log(`job ${jobId} (${spec.name}): ${spec.search.trials} trials, ${options.slots} at a time; ledger in ${options.data}`);
  try {
    await runEmbedded({ ledger, spec, cacheDir: options.cache, slots: options.slots, log, signal: stop, onChange: (id) => progress.look(id) });
    await progress.look(jobId);
    for (const line of await progress.summary(jobId)) console.log(line);
    const { state } = (await ledger.job(jobId)).job;
    if (options.report !== false && !isActive(state)) {
      const path = options.report ?? join(options.data, `${jobId}.html`);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, renderReport(toReportData(await exportJob(ledger, jobId), new Date())));
      console.log(`report    ${path}`);
    }
    if (stop.aborted) {
      console.log('interrupted; the same command goes on from here');
      return 130;
    }
    return state === 'completed' || state === 'exhausted' ? 0 : 1;
  } finally {
    await ledger.store.close();
  }
}

/** Aborts at the first Ctrl-C or SIGTERM; at the second the process ends at once. */
function interruptible(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130);
      console.error('\nstopping: handing running trials back (once more to stop at once)');
      stop.abort();
    });
  }
  return stop.signal;
}
