import { Ledger } from '@gradsmith/core/ledger';
// The API process: records requests of clients in the ledger and reads it for them. Any number may run.
import { connectRedis, redisSettings } from '@gradsmith/redis';
import { listenAt, runProcess, startTracing } from '@gradsmith/telemetry';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { buildApi } from './build-api.ts';
import { readEnv } from './env.ts';
import { decideAccess } from './keys/access.ts';
import { logOptions } from './log.ts';
import { readWebhookSettings } from './webhooks/settings.ts';

const SHUTDOWN_MS = 10_000;

await runProcess('api', async () => {
  const env = readEnv();
  const log = pino(logOptions(env.LOG_LEVEL));
  const access = decideAccess(
    {
      mode: env.GRADSMITH_AUTH,
      keysFile: env.GRADSMITH_KEYS_FILE,
      host: env.GRADSMITH_HOST,
      hostNames: env.GRADSMITH_HOST_NAMES,
    },
    log,
  );
  const redis = await connectRedis(redisSettings(env), log);
  const tracing = env.OTEL_EXPORTER_OTLP_ENDPOINT
    ? startTracing('gradsmith-api', env.OTEL_EXPORTER_OTLP_ENDPOINT)
    : null;
  const app = await buildApi(
    {
      ledger: new Ledger(redis.store),
      workers: redis.workers,
      signals: redis.signals,
      tracer: tracing?.tracer,
      queues: redis.queues,
    },
    log,
    {
      ...access,
      perMinute: env.GRADSMITH_REQUESTS_PER_MINUTE,
      webhooks: readWebhookSettings(env.GRADSMITH_WEBHOOK_SECRET_FILE, env.GRADSMITH_WEBHOOK_ALLOW),
      dashboard: env.GRADSMITH_DASHBOARD,
      maxTrialFlops: env.GRADSMITH_MAX_TRIAL_FLOPS,
    },
  );
  const at = { host: env.GRADSMITH_HOST, port: env.GRADSMITH_PORT };
  await listenAt({ ...at, hostVariable: 'GRADSMITH_HOST', portVariable: 'GRADSMITH_PORT' }, () => app.listen(at));

  closeWithGrace({ delay: SHUTDOWN_MS, logger: log }, async () => {
    await app.close();
    access.keys?.close();
    await redis.close();
    await tracing?.close();
  });
});
