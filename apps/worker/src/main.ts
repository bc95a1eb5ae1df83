// The worker process: trains trials of its runtime, one child process a slot. Any number may run.
import { Ledger } from '@gradsmith/core/ledger';
import { systemClock } from '@gradsmith/core/ports';
import { type RunWorkerDeps } from '@gradsmith/core/worker';
import { connectRedis, redisSettings } from '@gradsmith/redis';
import { runProcess, startTelemetry, touchAliveFile } from '@gradsmith/telemetry';
import { listModules, runModules } from '@gradsmith/training/modules';
import { claimGpus, WorkerTrainers } from '@gradsmith/training/process';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { readEnv } from './env.ts';
import { registerMetrics } from './metrics.ts';

const SHUTDOWN_MS = 20_000;

await runProcess('worker', async () => {
  const env = readEnv();
  const log = pino({ name: 'worker', level: env.LOG_LEVEL });
  const stop = new AbortController();
  const backend = env.GRADSMITH_BACKEND;
  const modules =
    env.GRADSMITH_MODULES === undefined ? new Map<string, string>() : await listModules(env.GRADSMITH_MODULES);
  const redis = await connectRedis(redisSettings(env), log);
  const gpus = await claimGpus(env.GRADSMITH_GPU, redis.leases, env.GRADSMITH_SLOTS, {
    log,
    onLost: () => process.exit(1),
  });
  const trainers = new WorkerTrainers({
    slots: env.GRADSMITH_SLOTS,
    backend,
    cacheDir: env.GRADSMITH_CACHE,
    checkpointFolder: env.GRADSMITH_CHECKPOINTS,
    log,
    ofSlot: gpus.trainerOptions,
  });
  const started = await trainers.start();
  const ledger = new Ledger(redis.store);
  const telemetry = await startTelemetry('gradsmith-worker', env, ledger.counts);
  const metrics = registerMetrics(telemetry.registry);

  const shared: Omit<RunWorkerDeps, 'trainers' | 'runtime' | 'backend' | 'device'> = {
    ledger,
    dispatcher: redis.dispatcher,
    workers: redis.workers,
    signals: redis.signals,
    clock: systemClock,
    log,
    name: env.GRADSMITH_WORKER_NAME,
    labels: env.GRADSMITH_LABELS,
    leaseMs: env.GRADSMITH_TRIAL_LEASE_MS,
    tracer: telemetry.tracer,
    onExecuted: (_message, executed) => metrics.onExecuted(executed),
    onAnnounced: () => {
      metrics.onAnnounced();
      touchAliveFile(env.GRADSMITH_ALIVE_FILE, log);
    },
  };
  const running = Promise.all([
    trainers.run(shared, stop.signal),
    runModules({ ...shared, modules, slots: env.GRADSMITH_SLOTS }, stop.signal),
  ]);
  log.info(
    {
      runtimes: started.map(({ runtime }) => runtime),
      slots: env.GRADSMITH_SLOTS,
      modules: [...modules.keys()],
    },
    'worker started',
  );

  closeWithGrace({ delay: SHUTDOWN_MS, logger: log }, async () => {
    stop.abort();
    await running;
    await gpus.release();
    await redis.close();
    await telemetry.close();
    log.info('worker stopped');
  });
});
