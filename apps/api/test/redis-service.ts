import { randomUUID } from 'node:crypto';
import { ThreadSuggester } from '@gradsmith/compute';
import { runCoordinator } from '@gradsmith/core/coordinator';
import { Ledger } from '@gradsmith/core/ledger';
import { systemClock } from '@gradsmith/core/ports';
import { connectRedis, type RedisPorts } from '@gradsmith/redis';
import { startRedis } from '@gradsmith/testing';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { buildApi, logOptions, type ApiSettings } from '../src/index.ts';
import { silent } from './support.ts';

export interface RedisService {
  app: FastifyInstance;
  url: string;
  ledger: Ledger;
  ports: RedisPorts;
  /** Log lines of the service at level error. */
  errors: string[];
  stopCoordinator(): Promise<void>;
}

/** The service on a real Redis, listening, with a coordinator; gone when the test is. */
export async function startRedisService(settings: Partial<ApiSettings> = {}): Promise<RedisService> {
  const redis = await startRedis(process.env);
  onTestFinished(async () => redis.stop());
  const ports = await connectRedis({ url: redis.url, prefix: `api-${randomUUID()}` }, silent);
  onTestFinished(async () => ports.close());
  const errors: string[] = [];
  const ledger = new Ledger(ports.store);
  const log = pino(logOptions('error'), { write: (line: string) => void errors.push(line) });
  const app = await buildApi({ ledger, workers: ports.workers, signals: ports.signals, queues: ports.queues }, log, {
    perMinute: 1e9,
    ...settings,
  });
  onTestFinished(async () => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const stop = new AbortController();
  const suggester = new ThreadSuggester();
  const coordinating = runCoordinator(
    {
      ...ports,
      ledger,
      suggester,
      clock: systemClock,
      log: silent,
      owner: 'test',
      leaseMs: 10_000,
      trialLeaseMs: 1_000,
      everyMs: 100,
    },
    stop.signal,
  );
  const stopCoordinator = async (): Promise<void> => {
    stop.abort();
    await coordinating;
    await suggester.close();
  };
  onTestFinished(stopCoordinator);
  return { app, url, ledger, ports, errors, stopCoordinator };
}
