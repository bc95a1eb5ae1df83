// The coordinator process: owns running jobs. Any number may run; each job is led by one of them at a time.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { SLOW_NICE, ThreadSuggester } from '@gradsmith/compute';
import { runCoordinator } from '@gradsmith/core/coordinator';
import { milliseconds } from '@gradsmith/core/domain';
import { Ledger } from '@gradsmith/core/ledger';
import { systemClock } from '@gradsmith/core/ports';
import { connectRedis, redisSettings } from '@gradsmith/redis';
import { runProcess } from '@gradsmith/telemetry';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { runRetirement } from './archive.ts';
import { readEnv } from './env.ts';
import { observe } from './observe.ts';

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
  const seen = await observe({
    metricsPort: env.GRADSMITH_METRICS_PORT,
    metricsHost: env.GRADSMITH_METRICS_HOST,
    traceEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    commits: ledger.counts,
  });
  const alive = env.GRADSMITH_ALIVE_FILE;

  const running = runCoordinator(
    {
      ledger,
      dispatcher: redis.dispatcher,
      workers: redis.workers,
      signals: redis.signals,
      suggester: seen.timed(suggester),
      tracer: seen.tracing?.tracer,
      clock: systemClock,
      log,
      owner: `${hostname()}-${process.pid}-${randomUUID()}`,
      leaseMs: env.GRADSMITH_COORDINATOR_LEASE_MS,
      trialLeaseMs: env.GRADSMITH_TRIAL_LEASE_MS,
      everyMs: env.GRADSMITH_EVERY_MS,
      slotLimits: env.GRADSMITH_SLOT_LIMITS,
      onLostChanges: (count) => seen.onLostChanges(count),
      onRound: (jobs) => {
        seen.onRound(jobs);
        if (alive)
          void writeFile(alive, '').catch((error: unknown) => log.warn({ err: error }, 'alive file not written'));
      },
    },
    stop.signal,
  );
  const { GRADSMITH_KEEP_JOBS: keep, GRADSMITH_ARCHIVE: folder } = env;
  const retiring =
    keep && folder
      ? runRetirement(
          { ledger: new Ledger(redis.store), clock: systemClock, log, keepMs: milliseconds(keep), folder },
          stop.signal,
        )
      : null;
  log.info('coordinator started');

  closeWithGrace({ delay: SHUTDOWN_MS, logger: log }, async () => {
    stop.abort();
    await running;
    await retiring;
    await suggester.close();
    await redis.close();
    await seen.close();
    log.info('coordinator stopped');
  });
});
