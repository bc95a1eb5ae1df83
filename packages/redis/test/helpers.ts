import { MemoryLog, startRedis, type TestRedis } from '@gradsmith/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { connectRedis, type RedisPorts, type RedisSettings } from '../src/index.ts';

/** A Redis for the tests of one file. */
export function sharedRedis(): { connect(settings?: Partial<RedisSettings>, log?: MemoryLog): Promise<RedisPorts>; readonly url: string } {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis(process.env);
  }, 60_000);
  afterAll(async () => redis.stop());
  return {
    get url() {
      return redis.url;
    },
    connect: (settings = {}, log = new MemoryLog()) => connectRedis({ url: redis.url, prefix: freshPrefix(), ...settings }, log),
  };
}

/** Keys of its own for each test, as they run beside each other and on servers that outlive them. */
export function freshPrefix(): string {
  return `test-${randomUUID()}`;
}
