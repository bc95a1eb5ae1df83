// The coordinator process: owns running jobs. Any number may run; each job is led by one of them at a time.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { SLOW_NICE, ThreadSuggester } from '@gradsmith/compute';
import { runCoordinator } from '@gradsmith/core/coordinator';
import { milliseconds } from '@gradsmith/core/domain';
import { Ledger } from '@gradsmith/core/ledger';
import { systemClock } from '@gradsmith/core/ports';
import { connectRedis, redisSettings } from '@gradsmith/redis';
import { runProcess, startTelemetry, touchAliveFile } from '@gradsmith/telemetry';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { runRetirement } from './archive.ts';
import { readEnv } from './env.ts';
import { registerMetrics } from './metrics.ts';

const SHUTDOWN_MS = 10_000;

await runProcess('coordinator', async () => {
  const env = readEnv();
  const log = pino({ name: 'coordinator', level: env.LOG_LEVEL });
  const stop = new AbortController();
  const redis = await connectRedis(redisSettings(env), log);
  const suggester = new ThreadSuggester({
    limitMs: env.GRADSMITH_SUGGESTION_LIMIT_MS,
    threads: env.GRADSMITH_SUGGESTION_THREADS,
    slowNice: SLOW_NICE,
  });
  const ledger = new Ledger(redis.store);
  const telemetry = await startTelemetry('gradsmith-coordinator', env, ledger.counts);
  const metrics = registerMetrics(telemetry.registry);

  const running = runCoordinator(
    {
      ledger,
      dispatcher: redis.dispatcher,
      workers: redis.workers,
      signals: redis.signals,
      suggester: metrics.timed(suggester),
      tracer: telemetry.tracer,
      clock: systemClock,
      log,
      owner: `${hostname()}-${process.pid}-${randomUUID()}`,
      leaseMs: env.GRADSMITH_COORDINATOR_LEASE_MS,
      trialLeaseMs: env.GRADSMITH_TRIAL_LEASE_MS,
      everyMs: env.GRADSMITH_EVERY_MS,
      slotLimits: env.GRADSMITH_SLOT_LIMITS,
      onLostChanges: (count) => metrics.onLostChanges(count),
      onRound: (jobs) => {
        metrics.onRound(jobs);
        touchAliveFile(env.GRADSMITH_ALIVE_FILE, log);
      },
    },
    stop.signal,
  );
  const { GRADSMITH_KEEP_JOBS: keep, GRADSMITH_ARCHIVE: folder } = env;
  const retiring =
    keep && folder
      ? runRetirement({ ledger, clock: systemClock, log, keepMs: milliseconds(keep), folder }, stop.signal)
      : null;
  log.info('coordinator started');

  closeWithGrace({ delay: SHUTDOWN_MS, logger: log }, async () => {
    stop.abort();
    await running;
    await retiring;
    await suggester.close();
    await redis.close();
    await telemetry.close();
    log.info('coordinator stopped');
  });
});
