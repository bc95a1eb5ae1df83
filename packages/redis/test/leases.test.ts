import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freshPrefix, sharedRedis } from './helpers.ts';

const redis = sharedRedis();

test('a lease has one owner, who can renew it, until it expires or is released', async () => {
  const { leases, close } = await redis.connect({ prefix: freshPrefix() });
  expect(await leases.acquire('gpu:a', 'one', 60_000)).toBe(true);
  expect(await leases.acquire('gpu:a', 'two', 60_000)).toBe(false);
  expect(await leases.acquire('gpu:b', 'two', 60_000)).toBe(true);
  expect(await leases.acquire('gpu:a', 'one', 60_000)).toBe(true);

  await leases.release('gpu:a', 'two');
  expect(await leases.acquire('gpu:a', 'two', 60_000)).toBe(false);
  await leases.release('gpu:a', 'one');
  expect(await leases.acquire('gpu:a', 'two', 50)).toBe(true);
  await delay(100);
  expect(await leases.acquire('gpu:a', 'one', 60_000)).toBe(true);
  await close();
});
