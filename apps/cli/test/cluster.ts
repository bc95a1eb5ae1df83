import { join } from 'node:path';
import { ThreadSuggester } from '@gradsmith/compute';
import { runCoordinator } from '@gradsmith/core/coordinator';
import { isActive, type JobRecord, type TrialRecord } from '@gradsmith/core/domain';
import { createJob } from '@gradsmith/core/jobs';
import { systemClock } from '@gradsmith/core/ports';
import { parseJob, type JobInput } from '@gradsmith/core/spec';
import type { Executed } from '@gradsmith/core/worker';
import { LocalDispatcher, LocalSignals, LocalWorkerRegistry } from '@gradsmith/embedded';
import { MemoryLog, waitUntil } from '@gradsmith/testing';
import { WorkerTrainers } from '@gradsmith/training/process';
import { onTestFinished } from 'vitest';
import { openLedger } from '../src/embedded/open.ts';
import { folder, root } from './support.ts';

/** Slots of each worker. */
export const SLOTS = 2;

type Options = ConstructorParameters<typeof WorkerTrainers>[0];

/** A worker of a test: its trainer process is a program of packages/training/test/process. */
export interface TestWorker extends Pick<Options, 'backend' | 'modes'> {
  program: string;
  cacheDir?: string;
}

export function createTrainers({ program, cacheDir = folder(), ...options }: TestWorker): WorkerTrainers {
  const entry = join(root, 'packages/training/test/process', program);
  return new WorkerTrainers({ ...options, slots: SLOTS, cacheDir, log: new MemoryLog(), entry });
}

/** Runs a job to its end by a coordinator and workers in this process. `outcomes` has a list for each worker. */
export async function runOnWorkers(
  spec: JobInput,
  tests: readonly TestWorker[],
): Promise<{ job: JobRecord; trials: readonly TrialRecord[]; log: MemoryLog; outcomes: Executed[][] }> {
  const ledger = await openLedger(folder());
  const log = new MemoryLog();
  const [dispatcher, workers, signals] = [new LocalDispatcher(log), new LocalWorkerRegistry(), new LocalSignals()];
  const suggester = new ThreadSuggester();
  const stop = new AbortController();
  const deps = { ledger, dispatcher, workers, signals, clock: systemClock, log };
  await createJob(ledger, 'job_t', parseJob(spec));
  const trainers = tests.map((one) => createTrainers(one));
  const outcomes = tests.map((): Executed[] => []);
  const times = { leaseMs: 10_000, trialLeaseMs: 10_000, everyMs: 50 };
  const running = [
    ...trainers.map((each, i) => {
      const onExecuted = (_: unknown, executed: Executed) => void outcomes[i]!.push(executed);
      return each.run({ ...deps, name: `w${i}`, leaseMs: 10_000, onExecuted }, stop.signal);
    }),
    runCoordinator({ ...deps, suggester, owner: 'c', ...times }, stop.signal),
  ];
  onTestFinished(async () => {
    stop.abort();
    await Promise.all(running);
    await Promise.all([...trainers, suggester, dispatcher, signals].map((each) => each.close()));
    await ledger.close();
  });
  const { job } = await waitUntil(async () => {
    const view = await ledger.readJob('job_t');
    return isActive(view.job.state) ? null : view;
  }, 50_000);
  return { job, trials: await ledger.readAllTrials(job), log, outcomes };
}
