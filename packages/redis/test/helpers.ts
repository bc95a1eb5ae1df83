import { randomUUID } from 'node:crypto';
import { MemoryLog, startRedis, type StoreBacking, type TestRedis } from '@gradsmith/testing';
import { afterAll, beforeAll } from 'vitest';
import { connectRedis, type RedisPorts, type RedisSettings } from '../src/index.ts';

/** Starts a Redis for the tests of one file. */
export interface SharedRedis {
  readonly url: string;
  connect(settings?: Partial<RedisSettings>, log?: MemoryLog): Promise<RedisPorts>;
  emptyStore(): Promise<StoreBacking>;
}

export function sharedRedis(): SharedRedis {
  let redis: TestRedis;
  const connect = (settings: Partial<RedisSettings> = {}, log = new MemoryLog()): Promise<RedisPorts> =>
    connectRedis({ url: redis.url, prefix: freshPrefix(), ...settings }, log);
  beforeAll(async () => {
    redis = await startRedis(process.env);
  }, 60_000);
  afterAll(async () => redis.stop());
  return {
    get url() {
      return redis.url;
    },
    connect,
    emptyStore: async () => {
      const prefix = freshPrefix();
      return { open: async () => (await connect({ prefix })).store, dispose: async () => {} };
    },
  };
}

/** Returns a new key prefix, because tests run at the same time and on servers that outlive them. */
export function freshPrefix(): string {
  return `test-${randomUUID()}`;
}
