import { existsSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { listIds, MemoryLog, startRedisServer, type RedisServer } from '@gradsmith/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectRedis, type RedisPorts } from '../src/index.ts';

// Each cut needs two starts of a redis-server, so several servers with files in memory share the cuts.
const SERVERS = 4;
let servers: RedisServer[];
let server: RedisServer;
beforeAll(async () => {
  const folder = (): string | undefined =>
    existsSync('/dev/shm') ? mkdtempSync('/dev/shm/gradsmith-redis-') : undefined;
  servers = await Promise.all(Array.from({ length: SERVERS }, async () => startRedisServer(process.env, [], folder())));
  server = servers[0]!;
}, 60_000);
afterAll(async () => Promise.all(servers.map((each) => each.stop())));

async function connect(to = server): Promise<RedisPorts> {
  return connectRedis({ url: to.url }, new MemoryLog());
}

/** Restarts a server without data and connects to it. */
async function connectToEmpty(): Promise<RedisPorts> {
  await server.kill();
  truncateSync(server.logFile, 0);
  await server.start();
  return connect();
}

/** Closes the connection and stops the server. Returns the server's log. */
async function takeLog(ports: RedisPorts): Promise<Buffer> {
  await ports.close();
  await server.kill();
  return readFileSync(server.logFile);
}

interface State {
  values: (string | null)[];
  all: string[];
  active: string[];
}

async function readState({ store }: RedisPorts): Promise<State> {
  return {
    values: (await store.read('j', ['a', 'b', 'c'])).values,
    all: await listIds(store),
    active: await listIds(store, { active: true }),
  };
}

/** Reads the state after a restart on this log, and after a second restart, which must not undo the repair. */
async function restartTwice(
  on: RedisServer,
  log: Buffer,
  between: (ports: RedisPorts) => Promise<void> = async () => {},
): Promise<[State, State]> {
  await on.kill();
  writeFileSync(on.logFile, log);
  const states: State[] = [];
  for (const act of [between, async () => {}]) {
    await on.start();
    const ports = await connect(on);
    states.push(await readState(ports));
    await act(ports);
    await ports.close();
    await on.kill();
  }
  return [states[0]!, states[1]!];
}

/** Restarts twice on the log cut at each of these positions, and checks both states. */
async function checkCuts(
  log: Buffer,
  cuts: readonly number[],
  check: (first: State, second: State) => void,
): Promise<void> {
  const rest = [...cuts];
  await Promise.all(
    servers.map(async (each) => {
      for (let cut = rest.shift(); cut !== undefined; cut = rest.shift())
        check(...(await restartTwice(each, log.subarray(0, cut))));
    }),
  );
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

/** `pnpm test:processes` cuts at every byte. A container takes a second per start, so it gets few cuts. */
const STRIDE = process.env.GRADSMITH_TEST_EVERY_CUT ? 1 : 5;

/** Returns positions from the first to the last, both included, with a stride in between. */
function listCuts(first: number, last: number): number[] {
  const stride = server.inContainer ? Math.ceil((last - first) / 6) : STRIDE;
  const cuts = Array.from({ length: Math.ceil((last - first) / stride) }, (_, i) => first + i * stride);
  return [...cuts, last];
}

describe('a log that ends in the middle of a commit', () => {
  test.each(Object.entries(commits))(
    '%s: holds all of it or nothing, after one restart and after two',
    async (_, change) => {
      const ports = await connectToEmpty();
      await ports.store.commit('j', {
        expected: [],
        writes: [
          ['a', 'old'],
          ['b', 'old'],
        ],
        index: { createdAt: 7, active: true },
      });
      const start = readFileSync(server.logFile).length;
      const old = JSON.stringify(await readState(ports));
      expect(await ports.store.commit('j', change)).toBe(true);
      const next = JSON.stringify(await readState(ports));
      const log = await takeLog(ports);
      const seen = new Set<string>();
      await checkCuts(log, listCuts(start, log.length), (first, second) => {
        expect([old, next]).toContain(JSON.stringify(first));
        expect(second).toEqual(first);
        seen.add(JSON.stringify(first));
      });
      expect(seen.size).toBe(2);
    },
    240_000,
  );

  test('a new job exists and is listed, or does not exist', async () => {
    const ports = await connectToEmpty();
    const start = readFileSync(server.logFile).length;
    await ports.store.commit('j', {
      expected: [['a', null]],
      writes: [['a', '1']],
      index: { createdAt: 7, active: true },
    });
    const log = await takeLog(ports);
    await checkCuts(log, listCuts(start, log.length), (first, second) => {
      const exists = first.values[0] === '1';
      expect(first).toEqual({
        values: [exists ? '1' : null, null, null],
        all: exists ? ['j'] : [],
        active: exists ? ['j'] : [],
      });
      expect(second).toEqual(first);
    });
  }, 240_000);

  test('a new job of thousands of fields exists completely or not at all, after one and two restarts', async () => {
    const ports = await connectToEmpty();
    const start = readFileSync(server.logFile).length;
    const many = Array.from({ length: 5_000 }, (_, i) => [`trial:${i}`, String(i)] as const);
    await ports.store.commit('j', {
      expected: [['a', null]],
      writes: [['a', '1'], ...many, ['b', '2']],
      index: { createdAt: 7, active: false },
    });
    const log = await takeLog(ports);
    // Inside the first command, on both sides of the border of each later command, and at the end.
    const commands = [
      ...log
        .subarray(start)
        .toString('latin1')
        .matchAll(/\*\d+\r\n\$/g),
    ].map(({ index }) => start + index);
    const borders = commands.flatMap((at) => [at - 1, at, at + 1, at + 30]);
    const cuts = new Set([start, start + 100, ...borders, log.length - 1, log.length]);
    const seen = new Set<boolean>();
    const within = [...cuts].filter((at) => at >= start && at <= log.length);
    await checkCuts(log, within, (first, second) => {
      const exists = first.values[0] === '1';
      expect(first).toEqual({
        values: exists ? ['1', '2', null] : [null, null, null],
        all: exists ? ['j'] : [],
        active: [],
      });
      expect(second).toEqual(first);
      seen.add(exists);
    });
    expect(seen.size).toBe(2);
  }, 240_000);
});

describe('a log that ends in the middle of another program’s transaction', () => {
  /** BullMQ's scripts write transactions between the ledger's commits. */
  async function writeTornTransaction(): Promise<Buffer> {
    const ports = await connectToEmpty();
    await ports.store.commit('j', { expected: [], writes: [['a', 'kept']], index: { createdAt: 7, active: true } });
    await server.command('EVAL', "redis.call('SET', 'x', '1') redis.call('SET', 'y', '1') return 1", '0');
    const log = await takeLog(ports);
    // After the first SET, inside the second: Redis drops the transaction but leaves its start in the file.
    return log.subarray(0, log.indexOf('$1\r\ny\r\n') + 3);
  }

  test('keeps writes after the first restart across the next one', async () => {
    const [first, second] = await restartTwice(server, await writeTornTransaction(), async ({ store }) => {
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

  test('loses them without `sealLog`, which shows the fault of Redis', async () => {
    writeFileSync(server.logFile, await writeTornTransaction());
    await server.start();
    await server.command('HSET', 'unsealed', 'a', '1');
    await server.kill();
    await server.start();
    const survived = (await server.command('HGET', 'unsealed', 'a')).startsWith('$1');
    // If a later Redis completes the transaction itself, `sealLog` can be removed.
    expect(survived).toBe(false);
  }, 60_000);
});

test('an empty log is an empty ledger, not a damaged one', async () => {
  const ports = await connectToEmpty();
  expect(await readState(ports)).toEqual({ values: [null, null, null], all: [], active: [] });
  await ports.close();
}, 30_000);
