import { join } from 'node:path';
import { ThreadSuggester } from '@gradsmith/compute';
import { runCoordinator, type ReportOutage } from '@gradsmith/core/coordinator';
import {
  canonicalJson,
  Conflict,
  InvalidInput,
  isActive,
  LedgerUnavailable,
  type Problem,
} from '@gradsmith/core/domain';
import { chooseJobId, findLacking, listAbleWorkers, MODULE_BACKEND, type WorkerOffer } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { getModuleRuntime } from '@gradsmith/core/objective';
import { systemClock, type Log } from '@gradsmith/core/ports';
import { isTrainingJob, type JobSpec, type TrainingJob } from '@gradsmith/core/spec';
import { runWorker, type Executed } from '@gradsmith/core/worker';
import { LocalDispatcher, LocalSignals, LocalWorkerRegistry } from '@gradsmith/embedded';
import { listModules, createModuleTrainers } from '@gradsmith/training/modules';
import {
  backendNames,
  chooseBackend,
  countThreadsPerSlot,
  WorkerTrainers,
  type BackendName,
} from '@gradsmith/training/process';
import { refuseStart } from '../machine/refuse-start.ts';
import { announceWait, type ShowActivity } from './announce.ts';
import { createLeaseOwner, getOwnerName } from './lease-owner.ts';

/** Trainer processes of this machine that have started, and may execute the trials of a job. */
export interface LocalSlots extends Pick<WorkerTrainers, 'run' | 'close'> {
  /** What they offer to the coordinator: a runtime each. */
  readonly offers: readonly WorkerOffer[];
}

export interface StartSlots {
  /** Folder of the ledger; unfinished trainings are kept next to it. */
  dataDir: string;
  cacheDir: string;
  /** Folder of the modules that the job may name. */
  modules?: string | undefined;
  /** Trials trained at once, each in its own process. */
  slots: number;
  log: Log;
  /** Shows what the run waits for before its first trial. */
  onActivity: ShowActivity;
}

export interface RunEmbedded {
  ledger: Ledger;
  /** Must be in the ledger. */
  jobId: string;
  slots: LocalSlots;
  log: Log;
  signal: AbortSignal;
  /** Called when the ledger cannot be read or written, and with null when it can again. */
  onOutage: ReportOutage;
}

/**
 * On one machine everything that can die dies together, so short leases are safe and make for a quick resumption after
 * kill -9. Training runs in other processes and cannot hold up a heartbeat.
 */
const LEASE_MS = 5_000;
const LOOK_MS = 250;

/** Returns the id of a specification's job in the embedded ledger: the same job file finds the same job. */
export async function chooseEmbeddedJobId(ledger: Ledger, spec: JobSpec): Promise<string> {
  return chooseJobId(ledger, canonicalJson(spec), null);
}

/**
 * Starts the slots for a job, which need not be in the ledger yet. `pinned` is the runtime on which its trials started.
 *
 * @throws InvalidInput if this machine cannot execute its trials, Conflict if the trials started on another runtime
 */
export async function startSlots(
  jobId: string,
  spec: JobSpec,
  pinned: string | null,
  options: StartSlots,
): Promise<LocalSlots> {
  const trainers = await createTrainers(spec, pinned, options);
  try {
    const starting = announceWait(() => 'starting the trainers', trainers.start(), options.onActivity);
    const offers = await starting.catch(refuseStart);
    checkOffers(jobId, spec, pinned, offers);
    return { offers, run: (deps, stopped) => trainers.run(deps, stopped), close: () => trainers.close() };
  } catch (error) {
    await trainers.close();
    throw error;
  }
}

/**
 * Runs a job, and no other one of its ledger, to its end in this process: coordinator, worker and trainer processes
 * over the embedded ledger. An earlier run that was interrupted is continued from the ledger. When the signal aborts,
 * running trials are released first. The slots stay open. Returns how many results were not recorded, because the
 * ledger could not be written when the run was stopped.
 */
export async function runEmbedded({ ledger, jobId, slots, log, signal, onOutage }: RunEmbedded): Promise<number> {
  if (signal.aborted) return 0;
  let unrecorded = 0;
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  const [dispatcher, workers, signals] = [new LocalDispatcher(log), new LocalWorkerRegistry(), new LocalSignals()];
  const suggester = new ThreadSuggester();
  const shared = { ledger, dispatcher, workers, signals, clock: systemClock, log };
  const onExecuted = (_: unknown, executed: Executed): void => {
    if (executed === 'unrecorded') unrecorded += 1;
  };
  const owner = createLeaseOwner();
  const name = getOwnerName(owner);
  try {
    const parts = [
      slots.run({ ...shared, name, leaseMs: LEASE_MS, onExecuted }, all),
      runCoordinator(
        {
          ...shared,
          suggester,
          owner,
          onOutage,
          only: jobId,
          leaseMs: LEASE_MS,
          trialLeaseMs: LEASE_MS,
          everyMs: LOOK_MS,
        },
        all,
      ),
    ];
    // If one part fails, the others end too, and the error of the first is thrown.
    const failed = Promise.all(parts).then(() => undefined);
    failed.catch(() => stop.abort());
    while (!all.aborted) {
      await systemClock.sleep(LOOK_MS, all);
      if (!(await isUnfinished(ledger, jobId))) stop.abort();
    }
    await failed;
    return unrecorded;
  } finally {
    stop.abort();
    await Promise.all([suggester.close(), dispatcher.close(), signals.close()]);
  }
}

/** Whether the job still runs. If the ledger does not answer, it may: the parts repeat their calls until it does. */
async function isUnfinished(ledger: Ledger, jobId: string): Promise<boolean> {
  try {
    return isActive((await ledger.findJob(jobId))?.job.state ?? 'cancelled');
  } catch (error) {
    if (error instanceof LedgerUnavailable) return true;
    throw error;
  }
}

/** Checks that the job's trials may run on what this machine offers. Otherwise, the job would wait for ever. */
function checkOffers(jobId: string, spec: JobSpec, pinned: string | null, offers: readonly WorkerOffer[]): void {
  if (listAbleWorkers({ runtime: pinned }, spec, offers).length) return;
  const [offer] = offers;
  if (pinned !== null && offers.every(({ runtime }) => runtime !== pinned))
    throw otherRuntime(jobId, pinned, offer!.runtime);
  const lacking = findLacking(spec, offer!);
  const problems: Problem[] = [];
  if (lacking.labels.length)
    problems.push({
      path: ['workers', 'labels'],
      message:
        `the slots of gradsmith run have no labels, and the job asks for ${lacking.labels.join(', ')}; leave ` +
        `workers.labels out, or submit the job to a service that has such a worker`,
    });
  if (lacking.device)
    problems.push({
      path: ['workers', 'device'],
      message:
        `the job asks for ${spec.workers!.device}, and the backend of this machine, ${offer!.backend}, runs on ` +
        `${offer!.device}; leave workers.device out, choose another objective.backend (gradsmith backend describes ` +
        `them), or submit the job to a service that has such a worker`,
    });
  if (!problems.length)
    problems.push({
      path: ['objective', 'backend'],
      message: `the trials of the job may not run on the backend of this machine, ${offer!.runtime}; choose another`,
    });
  throw new InvalidInput(problems);
}

/** All trials of a job need one runtime. */
function otherRuntime(jobId: string, started: string, here: string): Conflict {
  return new Conflict(
    `job ${jobId} started on "${started}", this run is on "${here}", and the trials of a job are comparable only ` +
      `on one runtime. Continue with the --slots, the backend and the version of Gradsmith with which it started, ` +
      `or start it again with another --data`,
  );
}

interface Trainers extends Pick<WorkerTrainers, 'run' | 'close'> {
  start(): Promise<readonly WorkerOffer[]>;
}

/** @throws InvalidInput if this machine does not have what the job names: its objective, its backend or its module */
async function createTrainers(
  spec: JobSpec,
  pinned: string | null,
  { dataDir, cacheDir, slots, modules: folder, log, onActivity }: StartSlots,
): Promise<Trainers> {
  if (isTrainingJob(spec)) {
    const threads = countThreadsPerSlot(slots);
    const backend = await chooseBackendFor(spec.objective.backend, pinned, { cacheDir, threads, onActivity });
    const checkpointFolder = join(dataDir, 'checkpoints');
    const trainers = new WorkerTrainers({ slots, backend, cacheDir, checkpointFolder, log });
    return {
      start: async () => (await trainers.start()).map((started) => ({ ...started, backend })),
      run: (deps, stopped) => trainers.run(deps, stopped),
      close: () => trainers.close(),
    };
  }
  const { objective } = spec;
  if (objective.kind !== 'module')
    throw new InvalidInput([
      {
        path: ['objective', 'kind'],
        message: 'trials of an external objective are asked for over HTTP; submit the job to a service',
      },
    ]);
  const refuse = (message: string): InvalidInput => new InvalidInput([{ path: ['objective', 'module'], message }]);
  if (folder === undefined)
    throw refuse(
      `say with --modules in which folder ${objective.module} is: modules run with all your rights, so ` +
        `none runs unless you name it`,
    );
  const modules = await listModules(folder).catch((error: Error) => {
    throw refuse(error.message);
  });
  if (!modules.has(objective.module))
    throw refuse(`${objective.module} is not in ${folder}; these are: ${[...modules.keys()].join(', ')}`);
  const trainers = createModuleTrainers(modules, slots);
  const offer = { runtime: getModuleRuntime(objective.module), backend: MODULE_BACKEND, device: 'cpu' } as const;
  return {
    start: async () => [offer],
    run: async (deps, stopped) => runWorker({ ...deps, ...offer, trainers }, stopped),
    close: async () => void (await Promise.all(trainers.map((trainer) => trainer.close()))),
  };
}

/**
 * Returns the backend that the job asks for. `auto` is the one on which the job started, or the fastest, which is
 * measured once if there are several.
 *
 * @throws InvalidInput if this machine does not have it
 */
async function chooseBackendFor(
  wanted: TrainingJob['objective']['backend'],
  pinned: string | null,
  { onActivity, ...options }: { cacheDir: string; threads: number; onActivity: ShowActivity },
): Promise<BackendName> {
  const named = wanted === 'auto' ? pinned?.split(' ')[0] : wanted;
  const found = backendNames.find((name) => name === named);
  if (found) return found;
  if (wanted === 'auto') {
    const { backend } = await chooseBackend({
      ...options,
      onMeasure: (measured, candidates) =>
        onActivity(
          `backend auto: measuring ${measured}, ${candidates.indexOf(measured) + 1} of ${candidates.length}; ` +
            'the choice is kept for later runs',
        ),
    });
    onActivity(null);
    return backend;
  }
  throw new InvalidInput([
    {
      path: ['objective', 'backend'],
      message:
        `${wanted} is not a backend of this machine; choose one of ${backendNames.join(', ')} ` +
        `(gradsmith backend describes them)`,
    },
  ]);
}
