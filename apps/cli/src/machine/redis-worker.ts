import { Ledger } from '@gradsmith/core';
import { systemClock } from '@gradsmith/embedded';
import { connectRedis, type RedisSettings } from '@gradsmith/redis';
import { ProcessTrainer, type BackendName } from '@gradsmith/training/process';
import { runWorker } from '@gradsmith/worker';
import { exitCodes } from '../exit-codes.ts';
import { interruptible } from '../interruption.ts';
import { makeLog } from '../log.ts';
import { busy } from '../meter.ts';
import { print, printEvent, say } from '../output.ts';
import { plural } from '../text/numbers.ts';

export interface RedisWorkerOptions {
  settings: RedisSettings;
  backend: BackendName;
  slots: number;
  name: string;
  cacheDir: string;
  json: boolean;
  verbose: boolean;
}

/** As the service's own workers have it. */
const LEASE_MS = 30_000;

/** Works until interrupted. Throws UnfitRedis, and LedgerUnavailable where Redis does not answer at the start. */
export async function runRedisWorker({ settings, backend, slots, name, cacheDir, json, verbose }: RedisWorkerOptions): Promise<number> {
  const signal = interruptible(() => say('stopping: running trials are handed back (Ctrl-C once more to stop at once)'));
  const log = makeLog(verbose ? 'debug' : 'error');
  const redis = await busy('connecting to Redis', connectRedis(settings, log));
  const trainers = Array.from({ length: slots }, () => new ProcessTrainer({ backend, cacheDir }));
  try {
    await redis.store.check();
    const [runtime] = await busy(`starting ${plural(slots, 'trainer')}`, Promise.all(trainers.map((trainer) => trainer.start())));
    if (json) printEvent({ event: 'started', name, slots, runtime });
    else print(`worker ${name} is ready: ${plural(slots, 'slot')} on ${runtime}`);
    let trials = 0;
    await runWorker({
      ledger: new Ledger(redis.store), dispatcher: redis.dispatcher, workers: redis.workers, signals: redis.signals, clock: systemClock, log,
      trainers, runtime: runtime!, backend, name, leaseMs: LEASE_MS,
      onExecuted({ jobId, trialId }, executed) {
        trials += 1;
        if (json) printEvent({ event: 'trial', job: jobId, trial: trialId, outcome: executed });
        else print(`${jobId} trial ${trialId}: ${executed}`);
      },
    }, signal);
    if (json) printEvent({ event: 'stopped', trials });
    else print(`worker ${name} stopped after ${plural(trials, 'trial')}`);
    return exitCodes.done;
  } finally {
    await Promise.all(trainers.map((trainer) => trainer.close()));
    await redis.close();
  }
}
