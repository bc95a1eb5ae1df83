import { LedgerUnavailable } from '@gradsmith/core/domain';
import { Ledger } from '@gradsmith/core/ledger';
import { systemClock } from '@gradsmith/core/ports';
import { workerLabelsSchema } from '@gradsmith/core/spec';
import { type RunWorkerDeps } from '@gradsmith/core/worker';
import { connectRedis, UnfitRedis, type RedisSettings } from '@gradsmith/redis';
import { listModules, runModules } from '@gradsmith/training/modules';
import {
  claimGpus,
  WorkerTrainers,
  type BackendName,
  type ClaimedGpus,
  type GpuMode,
} from '@gradsmith/training/process';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { createInterruption } from '../interruption.ts';
import { makeLog } from '../log.ts';
import { showMeter } from '../meter.ts';
import { print, printEvent, say, sayError } from '../output.ts';
import { formatPlural } from '../text/numbers.ts';
import { refuseStart } from './refuse-start.ts';

export interface RedisWorkerOptions {
  settings: RedisSettings;
  backend: BackendName;
  gpu: GpuMode;
  slots: number;
  name: string;
  /** Separated by commas. */
  labels: string;
  /** Time after which a silent worker's trial is given to another, ms. */
  trialLeaseMs: number;
  cacheDir: string;
  /** Folder where long trainings are saved for the next attempt. */
  checkpointFolder: string;
  /** Folder of the modules that jobs may run here; none by default. */
  modules: string | undefined;
  json: boolean;
  verbose: boolean;
}

/**
 * Executes trials until it is interrupted.
 *
 * @throws Failure if the folder of modules cannot be used, or Redis does not answer at the start
 * @throws UnfitRedis if Redis is not configured to hold a ledger
 */
export async function runRedisWorker({
  settings,
  backend,
  gpu,
  slots,
  name,
  labels,
  trialLeaseMs,
  cacheDir,
  checkpointFolder,
  modules: folder,
  json,
  verbose,
}: RedisWorkerOptions): Promise<number> {
  const signal = createInterruption(() =>
    say('stopping: running trials are released (Ctrl-C once more to stop at once)'),
  );
  const names = readLabels(labels);
  const log = makeLog(verbose ? 'debug' : 'error');
  const modules =
    folder === undefined
      ? new Map<string, string>()
      : await listModules(folder).catch((error: Error) => {
          throw new Failure(exitCodes.usage, 'modules', error.message);
        });
  const redis = await showMeter('connecting to Redis', connectRedis(settings, log)).catch(throwUnreached);
  let gpus: ClaimedGpus | undefined;
  let trainers: WorkerTrainers | undefined;
  try {
    await redis.store.check().catch(throwUnreached);
    gpus = await claimGpus(gpu, redis.leases, slots, { log, onLost: endWithoutGpu }).catch(refuseGpu);
    trainers = new WorkerTrainers({
      slots,
      backend,
      cacheDir,
      checkpointFolder,
      log,
      ofSlot: gpus.trainerOptions,
    });
    const [{ runtime }] = await showMeter(`starting ${formatPlural(slots, 'trainer')}`, trainers.start()).catch(
      refuseStart,
    );
    const offered = [...modules.keys()];
    if (json) printEvent({ event: 'started', name, slots, runtime, modules: offered });
    else
      print(
        [
          `worker ${name} is ready: ${formatPlural(slots, 'slot')} on ${runtime}`,
          ...offered.map((module) => `${slots} on the module ${module}`),
        ].join(', '),
      );
    let trials = 0;
    const shared: Omit<RunWorkerDeps, 'trainers' | 'runtime' | 'backend' | 'device'> = {
      ledger: new Ledger(redis.store),
      dispatcher: redis.dispatcher,
      workers: redis.workers,
      signals: redis.signals,
      clock: systemClock,
      log,
      name,
      labels: names,
      leaseMs: trialLeaseMs,
      onExecuted({ jobId, trialId }, executed) {
        trials += 1;
        if (json) printEvent({ event: 'trial', job: jobId, trial: trialId, outcome: executed });
        else print(`${jobId} trial ${trialId}: ${executed}`);
      },
    };
    await Promise.all([trainers.run(shared, signal), runModules({ ...shared, modules, slots }, signal)]);
    if (json) printEvent({ event: 'stopped', trials });
    else print(`worker ${name} stopped after ${formatPlural(trials, 'trial')}`);
    return exitCodes.done;
  } finally {
    await trainers?.close();
    await gpus?.release();
    await redis.close();
  }
}

function readLabels(text: string): string[] {
  const parsed = workerLabelsSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Failure(exitCodes.usage, 'bad-option', `--labels ${text}: each ${parsed.error.issues[0]!.message}.`);
}

function refuseGpu(error: Error): never {
  if (error instanceof LedgerUnavailable) throwUnreached(error);
  throw new Failure(exitCodes.refused, 'no-gpu', `${error.message}\nWith --gpu auto it trains without one.`, {
    cause: error,
  });
}

/** A GPU must not be used by two workers. */
function endWithoutGpu(): void {
  sayError('another worker has a GPU of this one, after an outage of Redis longer than its lease; start it again');
  process.exit(exitCodes.failed);
}

function throwUnreached(error: Error): never {
  if (error instanceof UnfitRedis || !(error instanceof LedgerUnavailable)) throw error;
  throw new Failure(
    exitCodes.unavailable,
    error.code,
    `${error.message}\nStart it, or correct --redis (or REDIS_URL and REDIS_PASSWORD_FILE); gradsmith ` +
      `doctor looks further.`,
    { cause: error },
  );
}
