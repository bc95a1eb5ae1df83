import { createTrialMessage, type TrialMessage } from '@gradsmith/core/ports';
import { listIds, MemoryLog, waitUntil } from '@gradsmith/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectRedis, type RedisPorts } from '../src/index.ts';
import { freshPrefix, sharedRedis } from './helpers.ts';

const redis = sharedRedis();
let prefix: string;
let ports: RedisPorts;
let raw: Redis;
beforeEach(async () => {
  prefix = freshPrefix();
  ports = await redis.connect({ prefix, lockMs: 400 });
  raw = new Redis(redis.url);
});
afterEach(async () => {
  raw.disconnect();
  await ports.close();
});

const message = (n: number): TrialMessage => createTrialMessage('job_0', { id: String(n), dispatch: 0 }, 'r');
/** Returns all keys except BullMQ's mark of its last check for stalled messages, which expires. */
const keys = async (): Promise<string[]> =>
  (await raw.keys(`${prefix}:*`)).filter((key) => !key.endsWith(':stalled-check')).sort();
const messageKey = (n: number): string => `${prefix}:queue:r:m-job_0-${n}-0`;

describe('keys of messages', () => {
  test('are few, after one message and after hundreds', async () => {
    // A process that is slow loses the lock of a message and gets it again.
    const handled = new Set<string>();
    ports.dispatcher.consume('r', 8, async ({ trialId }) => {
      handled.add(trialId);
      if (handled.size % 7 === 0) throw new Error('on purpose');
    });
    const work = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n++) await ports.dispatcher.send(message(n));
      await waitUntil(async () => handled.size === to && (await raw.llen(`${prefix}:queue:r:active`)) === 0);
    };
    await work(0, 10);
    const few = await keys();
    await work(10, 600);
    expect(await keys()).toEqual(few);
    // Redis trims a stream by whole nodes of 100 entries.
    expect(await raw.xlen(`${prefix}:queue:r:events`)).toBeLessThan(250);
    const bytes = await Promise.all(few.map(async (key) => (await raw.memory('USAGE', key)) ?? 0));
    expect(bytes.reduce((a, b) => a + b, 0)).toBeLessThan(50_000);
  }, 30_000);
});

/** A job that is too large for one command, so its fields are staged. */
const large = {
  expected: [['f0', null]],
  writes: Array.from({ length: 4_000 }, (_, i) => [`f${i}`, 'x'] as const),
  index: { createdAt: 1, active: false },
} as const;

describe('keys of a job', () => {
  test('are one, and none after its removal', async () => {
    await ports.store.commit('j', { expected: [], writes: [['a', '1']], index: { createdAt: 1, active: true } });
    expect(await keys()).toEqual([
      `${prefix}:active`,
      `${prefix}:job:j`,
      `${prefix}:jobs`,
      `${prefix}:seal:1`,
      `${prefix}:seal:2`,
    ]);
    await ports.store.remove('j');
    expect(await keys()).toEqual([`${prefix}:seal:1`, `${prefix}:seal:2`]);
  });

  test('are one, also if it has thousands of fields and was written twice', async () => {
    expect(await ports.store.commit('j', large)).toBe(true);
    expect(await ports.store.commit('j', large)).toBe(false);
    expect(await keys()).toEqual([`${prefix}:job:j`, `${prefix}:jobs`, `${prefix}:seal:1`, `${prefix}:seal:2`]);
  });

  test('are freed in the background, because a large job would hold up all clients', async () => {
    const countFreed = async (): Promise<number> =>
      Number(/^lazyfreed_objects:(\d+)/m.exec(await raw.info('memory'))![1]);
    expect(await ports.store.commit('j', large)).toBe(true);
    const before = await countFreed();
    expect(await ports.store.commit('j', large)).toBe(false);
    await expect.poll(countFreed).toBeGreaterThanOrEqual(before + 1);
    await ports.store.remove('j');
    await expect.poll(countFreed).toBeGreaterThanOrEqual(before + 2);
  });

  test('in the indexes without a record, as after a crash, are ignored and removed', async () => {
    await raw.zadd(`${prefix}:jobs`, '0', '000000000000007:ghost');
    await raw.zadd(`${prefix}:active`, '0', '000000000000007:ghost');
    await ports.store.commit('j', { expected: [], writes: [['a', '1']], index: { createdAt: 1, active: false } });
    await raw.zadd(`${prefix}:active`, '0', '000000000000001:j');
    expect(await listIds(ports.store)).toEqual(['j']);
    expect(await listIds(ports.store, { active: true })).toEqual([]);
    expect([await raw.zrange(`${prefix}:jobs`, '0', '-1'), await raw.zrange(`${prefix}:active`, '0', '-1')]).toEqual([
      ['000000000000001:j'],
      [],
    ]);
  });
});

describe('a job that was created twice, the first time with a lost reply', () => {
  test("is listed once, and the first attempt's index entry is removed", async () => {
    await raw.zadd(`${prefix}:jobs`, '0', '000000000000001:j');
    await raw.zadd(`${prefix}:active`, '0', '000000000000001:j');
    await ports.store.commit('j', {
      expected: [['a', null]],
      writes: [['a', '1']],
      index: { createdAt: 2, active: true },
    });
    expect(await listIds(ports.store)).toEqual(['j']);
    expect(await listIds(ports.store, { active: true })).toEqual(['j']);
    expect(await raw.zrange(`${prefix}:jobs`, '0', '-1')).toEqual(['000000000000002:j']);
    expect(await raw.zrange(`${prefix}:active`, '0', '-1')).toEqual(['000000000000002:j']);
  });
});

describe('a damaged queue', () => {
  test('a message that a crash wrote in part is missing and can be sent again', async () => {
    await ports.dispatcher.send(message(0));
    await raw.lrem(`${prefix}:queue:r:wait`, 0, 'm-job_0-0-0');
    expect(await raw.exists(messageKey(0))).toBe(1);
    expect(await ports.dispatcher.findMissing([message(0)])).toEqual([message(0)]);
    await ports.dispatcher.send(message(0));
    expect(await ports.dispatcher.findMissing([message(0)])).toEqual([]);
  });

  test('a message whose consumer died is missing once its lock expires, and reaches another one', async () => {
    // With a long lock, its check for stalled messages does not put this one back before it is found missing.
    const other = await connectRedis({ url: redis.url, prefix, lockMs: 60_000 }, new MemoryLog());
    await ports.dispatcher.send(message(0));
    other.dispatcher.consume(
      'r',
      1,
      async (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    );
    await waitUntil(async () => (await raw.llen(`${prefix}:queue:r:active`)) === 1);
    // As if its process had exited: nothing renews the lock.
    await raw.del(`${messageKey(0)}:lock`);
    expect(await ports.dispatcher.findMissing([message(0)])).toEqual([message(0)]);
    const seen: string[] = [];
    ports.dispatcher.consume('r', 1, async ({ trialId }) => void seen.push(trialId));
    await ports.dispatcher.send(message(0));
    await waitUntil(() => seen.length > 0);
    await other.close();
  }, 20_000);

  test('a deleted queue is empty', async () => {
    await ports.dispatcher.send(message(0));
    for (const key of await keys()) if (key.startsWith(`${prefix}:queue`)) await raw.del(key);
    expect(await ports.dispatcher.findMissing([message(0)])).toEqual([message(0)]);
    const seen: string[] = [];
    ports.dispatcher.consume('r', 1, async ({ trialId }) => void seen.push(trialId));
    await ports.dispatcher.send(message(0));
    await waitUntil(() => seen.length > 0);
  });
});
