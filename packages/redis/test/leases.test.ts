import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freshPrefix, sharedRedis } from './helpers.ts';

const redis = sharedRedis();

test('a lease has one holder, who may renew it, until it ends or is given back', async () => {
  const { leases, close } = await redis.connect({ prefix: freshPrefix() });
  expect(await leases.take('gpu:a', 'one', 60_000)).toBe(true);
  expect(await leases.take('gpu:a', 'two', 60_000)).toBe(false);
  expect(await leases.take('gpu:b', 'two', 60_000)).toBe(true);
  expect(await leases.take('gpu:a', 'one', 60_000)).toBe(true);

  await leases.give('gpu:a', 'two');
  expect(await leases.take('gpu:a', 'two', 60_000)).toBe(false);
  await leases.give('gpu:a', 'one');
  expect(await leases.take('gpu:a', 'two', 50)).toBe(true);
  await delay(100);
  expect(await leases.take('gpu:a', 'one', 60_000)).toBe(true);
  await close();
});
