import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { MemoryLog, startRedisServer, type RedisServer } from '@gradsmith/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { connectRedis, type RedisPorts } from '../src/index.ts';

let server: RedisServer;
afterEach(async () => server.stop());

async function connect(): Promise<RedisPorts> {
  return connectRedis({ url: server.url }, new MemoryLog());
}

interface Seen {
  values: (string | null)[];
  all: string[];
  active: string[];
}

async function look({ store }: RedisPorts): Promise<Seen> {
  return {
    values: (await store.read('j', ['a', 'b', 'c'])).values,
    all: await store.list({ limit: 9 }),
    active: await store.list({ limit: 9, active: true }),
  };
}

/** Restarts the server on this log and looks; then again, to see that what the first load repaired stays repaired. */
async function restartTwice(
  log: Buffer,
  file: string,
  between: (ports: RedisPorts) => Promise<void>,
): Promise<[Seen, Seen]> {
  await server.kill();
  writeFileSync(file, log);
  const seen: Seen[] = [];
  for (const act of [between, async () => {}]) {
    await server.start();
    const ports = await connect();
    seen.push(await look(ports));
    await act(ports);
    await ports.close();
    await server.kill();
  }
  return [seen[0]!, seen[1]!];
}

const commits = {
  'a change': {
    expected: [['a', 'old']],
    writes: [
      ['a', 'new'],
      ['b', 'new'],
    ],
    index: { createdAt: 7, active: true },
  },
  'the end of a job': {
    expected: [['a', 'old']],
    writes: [
      ['a', 'new'],
      ['b', 'new'],
    ],
    index: { createdAt: 7, active: false },
  },
} as const;

/** Every `stride`-th byte, and the last one. A container takes a second for each start, a process a few hundredths. */
function cuts(from: number, to: number): number[] {
  const stride = server.inContainer ? Math.ceil((to - from) / 6) : 1;
  const all = Array.from({ length: to - from }, (_, i) => from + i);
  return all.filter((_, i) => i % stride === 0 || i === all.length - 1);
}

describe('a log that ends in the middle of a commit', () => {
  test.each(Object.entries(commits))(
    '%s: either all of it or nothing is there, after one restart and after two',
    async (_, change) => {
      server = await startRedisServer(process.env);
      const ports = await connect();
      await ports.store.commit('j', {
        expected: [],
        writes: [
          ['a', 'old'],
          ['b', 'old'],
        ],
        index: { createdAt: 7, active: true },
      });
      const file = server.logFile;
      const before = readFileSync(file).length;
      const old = await look(ports);
      expect(await ports.store.commit('j', change)).toBe(true);
      const next = await look(ports);
      await ports.close();
      await server.kill();
      const whole = readFileSync(file);
      const seen = new Set<string>();
      for (const cut of cuts(before, whole.length + 1)) {
        const [first, second] = await restartTwice(whole.subarray(0, cut), file, async () => {});
        expect([JSON.stringify(old), JSON.stringify(next)]).toContain(JSON.stringify(first));
        expect(second).toEqual(first);
        seen.add(JSON.stringify(first));
      }
      expect(seen.size).toBe(2);
    },
    240_000,
  );

  test('creating a job: it is there and listed, or it is not there', async () => {
    server = await startRedisServer(process.env);
    const ports = await connect();
    const file = server.logFile;
    const before = readFileSync(file).length;
    await ports.store.commit('j', {
      expected: [['a', null]],
      writes: [['a', '1']],
      index: { createdAt: 7, active: true },
    });
    await ports.close();
    await server.kill();
    const whole = readFileSync(file);
    for (const cut of cuts(before, whole.length + 1)) {
      const [first, second] = await restartTwice(whole.subarray(0, cut), file, async () => {});
      const exists = first.values[0] === '1';
      expect(first).toEqual({
        values: [exists ? '1' : null, null, null],
        all: exists ? ['j'] : [],
        active: exists ? ['j'] : [],
      });
      expect(second).toEqual(first);
    }
  }, 240_000);
});

test('a log that ends in the middle of a new job of thousands of fields: either all of it or nothing is there, after one restart and after two', async () => {
  server = await startRedisServer(process.env);
  const ports = await connect();
  const file = server.logFile;
  const before = readFileSync(file).length;
  const many = Array.from({ length: 5_000 }, (_, i) => [`trial:${i}`, String(i)] as const);
  await ports.store.commit('j', {
    expected: [['a', null]],
    writes: [['a', '1'], ...many, ['b', '2']],
    index: { createdAt: 7, active: false },
  });
  await ports.close();
  await server.kill();
  const whole = readFileSync(file);
  // Within the first command, at both sides of the border to each other one, and at the end.
  const commands = [
    ...whole
      .subarray(before)
      .toString('latin1')
      .matchAll(/\*\d+\r\n\$/g),
  ].map(({ index }) => before + index);
  const cuts = [
    before,
    before + 100,
    ...commands.flatMap((at) => [at - 1, at, at + 1, at + 30]),
    whole.length - 1,
    whole.length,
  ];
  const seen = new Set<boolean>();
  for (const cut of new Set(cuts.filter((at) => at >= before && at <= whole.length))) {
    const [first, second] = await restartTwice(whole.subarray(0, cut), file, async () => {});
    const exists = first.values[0] === '1';
    expect(first).toEqual({
      values: exists ? ['1', '2', null] : [null, null, null],
      all: exists ? ['j'] : [],
      active: [],
    });
    expect(second).toEqual(first);
    seen.add(exists);
  }
  expect(seen.size).toBe(2);
}, 240_000);

describe('a log that ends in the middle of another program’s transaction', () => {
  // BullMQ's scripts write transactions beside the ledger's commits.
  async function tornTransaction(): Promise<{ file: string; log: Buffer }> {
    server = await startRedisServer(process.env);
    const ports = await connect();
    await ports.store.commit('j', { expected: [], writes: [['a', 'kept']], index: { createdAt: 7, active: true } });
    await ports.close();
    const file = server.logFile;
    await server.command('EVAL', "redis.call('SET', 'x', '1') redis.call('SET', 'y', '1') return 1", '0');
    await server.kill();
    const whole = readFileSync(file);
    // Behind the first SET, inside the second: Redis drops the transaction but leaves its beginning in the file.
    return { file, log: whole.subarray(0, whole.indexOf('$1\r\ny\r\n') + 3) };
  }

  test('what is acknowledged after the restart survives the next one', async () => {
    const { file, log } = await tornTransaction();
    const [first, second] = await restartTwice(log, file, async ({ store }) => {
      expect(
        await store.commit('j', {
          expected: [['a', 'kept']],
          writes: [
            ['a', 'after'],
            ['c', 'after'],
          ],
          index: { createdAt: 7, active: true },
        }),
      ).toBe(true);
    });
    expect(first.values).toEqual(['kept', null, null]);
    expect(second.values).toEqual(['after', null, 'after']);
  }, 60_000);

  test('which it would not without the seal: the fault is real', async () => {
    const { file, log } = await tornTransaction();
    writeFileSync(file, log);
    await server.start();
    await server.command('HSET', 'unsealed', 'a', '1');
    await server.kill();
    await server.start();
    const survived = (await server.command('HGET', 'unsealed', 'a')).startsWith('$1');
    // Should a later Redis close the transaction itself, the seal may go.
    expect(survived).toBe(false);
  }, 60_000);
});

test('a log cut back to nothing is an empty ledger, not a damaged one', async () => {
  server = await startRedisServer(process.env);
  await server.kill();
  truncateSync(server.logFile, 0);
  await server.start();
  const ports = await connect();
  expect(await look(ports)).toEqual({ values: [null, null, null], all: [], active: [] });
  await ports.close();
}, 30_000);
