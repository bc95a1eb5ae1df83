import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { ThreadSuggester } from '@gradsmith/coordinator';
import { canonicalJson, InvalidInput, isActive, isTraining, jobIdFor, runCoordinator, type JobSpec, type Ledger, type Log, type TrainingJob } from '@gradsmith/core';
import { LocalDispatcher, LocalSignals, LocalWorkerRegistry, systemClock } from '@gradsmith/embedded';
import { backendNames, chooseBackend, ProcessTrainer, type BackendName } from '@gradsmith/training/process';
import { runWorker } from '@gradsmith/worker';
import { busy } from '../meter.ts';

export interface RunEmbedded {
  ledger: Ledger;
  /** Must be in the ledger. */
  jobId: string;
  /** Folder of the ledger; unfinished trainings are kept beside it. */
  dataDir: string;
  cacheDir: string;
  /** Trials trained at once, each in a process of its own. */
  slots: number;
  log: Log;
  signal: AbortSignal;
}

/**
 * On one machine everything that can die dies together, so short leases are safe and make for a quick resumption
 * after kill -9. Training runs in other processes and cannot hold up a heartbeat.
 */
const LEASE_MS = 5_000;
const LOOK_MS = 250;

/** The id of the job a specification stands for in the embedded ledger: the same job file finds the same job. */
export function embeddedJobId(spec: JobSpec): string {
  return jobIdFor(canonicalJson(spec));
}

/**
 * Runs a job to its end in this process: coordinator, worker and trainer processes over the embedded ledger. Whatever
 * ended an earlier run of the same job, this one goes on where the ledger stands. When the signal aborts, what was
 * running is handed back first.
 */
export async function runEmbedded({ ledger, jobId, dataDir, cacheDir, slots, log, signal }: RunEmbedded): Promise<void> {
  const { job, spec } = await ledger.job(jobId);
  if (!isTraining(spec)) throw new InvalidInput([{ path: ['objective', 'kind'], message: 'trials of an external objective are asked for over HTTP; submit the job to a service' }]);
  if (!isActive(job.state) || signal.aborted) return;
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  const [dispatcher, workers, signals] = [new LocalDispatcher(log), new LocalWorkerRegistry(), new LocalSignals()];
  const suggester = new ThreadSuggester();
  const shared = { ledger, dispatcher, workers, signals, clock: systemClock, log };
  // Slots share the processors: threads beyond them would only wait for each other.
  const threads = Math.max(1, Math.floor(availableParallelism() / slots));
  const backend = await backendFor(spec.objective.backend, { cacheDir, threads });
  const checkpoints = { folder: join(dataDir, 'checkpoints') };
  const trainers = Array.from({ length: slots }, () => new ProcessTrainer({ backend, cacheDir, threads, checkpoints }));
  const name = `${hostname()}, process ${process.pid}`;
  try {
    const runtime = await trainers[0]!.start();
    const parts = [
      runWorker({ ...shared, trainers, runtime, backend, name, leaseMs: LEASE_MS }, all),
      runCoordinator({ ...shared, suggester, owner: name, leaseMs: LEASE_MS, trialLeaseMs: LEASE_MS, everyMs: LOOK_MS }, all),
    ];
    // A part that fails must end the others, and its error must come out.
    const failed = Promise.all(parts).then(() => undefined);
    failed.catch(() => stop.abort());
    while (!all.aborted) {
      await systemClock.sleep(LOOK_MS, all);
      if (!isActive((await ledger.findJob(jobId))?.job.state ?? 'cancelled')) stop.abort();
    }
    await failed;
  } finally {
    stop.abort();
    await Promise.all([suggester.close(), dispatcher.close(), signals.close(), ...trainers.map((trainer) => trainer.close())]);
  }
}

/** The backend that trains here; auto is the fastest one, measured once where there are several. Throws InvalidInput where the job asks for one this machine does not have. */
async function backendFor(wanted: TrainingJob['objective']['backend'], options: { cacheDir: string; threads: number }): Promise<BackendName> {
  if (wanted === 'auto') return (await busy('choosing the fastest backend', chooseBackend(options))).backend;
  const found = backendNames.find((name) => name === wanted);
  if (found) return found;
  throw new InvalidInput([{ path: ['objective', 'backend'], message: `${wanted} is not one that trains here; these do: ${backendNames.join(', ')}. gradsmith backend says more` }]);
}
