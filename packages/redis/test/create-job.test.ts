import { createJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { jobSpec, listIds, MemoryLog, startRedisServer, type RedisServer } from '@gradsmith/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectRedis, type RedisPorts } from '../src/index.ts';

let server: RedisServer;
let ports: RedisPorts;
beforeAll(async () => {
  server = await startRedisServer(process.env);
  ports = await connectRedis({ url: server.url }, new MemoryLog());
});
afterAll(async () => {
  await ports.close();
  await server.stop();
});

/** Returns the number of calls of each command since the counters were reset, including commands in scripts. */
async function countCommands(...names: string[]): Promise<number[]> {
  const stats = await server.command('INFO', 'commandstats');
  return names.map((name) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0));
}

test('creates a job with one commit, after one entry in each index', async () => {
  const ledger = new Ledger(ports.store);
  // Loads the scripts into the server.
  await createJob(ledger, 'job_first', jobSpec());
  await server.command('CONFIG', 'RESETSTAT');
  await createJob(ledger, 'job_second', jobSpec());
  // One script reads the job, one commits it. The indexes: all, active, queued, names.
  expect(await countCommands('evalsha', 'eval', 'zadd', 'hset')).toEqual([2, 0, 4, 1]);
});

test('finds a job among thousands by reading the index and the jobs that match', async () => {
  const count = 2_200;
  const progress = { state: 'running', settled: 0, best: null } as const;
  const create = async (n: number): Promise<boolean> =>
    ports.store.commit(`job_many${n}`, {
      expected: [],
      writes: [['job', '1']],
      index: { createdAt: n, active: false, progress, names: { name: `sweep-${n}`, labels: { odd: String(n % 2) } } },
    });
  for (let n = 0; n < count; n += 550) await Promise.all(Array.from({ length: 550 }, (_, i) => create(n + i)));
  const order = { key: 'createdAt', isDescending: true } as const;
  await ports.store.find({ filter: { name: 'none' }, order, limit: 9 });
  for (const [filter, looked] of [
    [{ name: 'sweep-17' }, 111],
    [{ fullName: 'sweep-17' }, 1],
    [{ idStart: 'job_many17', name: '17' }, 111],
  ] as const) {
    await server.command('CONFIG', 'RESETSTAT');
    const { jobs } = await ports.store.find({ filter, order, limit: 200 });
    expect(jobs).toHaveLength(looked);
    // The scripts look at 2,000 names each.
    expect(await countCommands('evalsha', 'hmget', 'zcard', 'hget', 'hgetall')).toEqual([2, looked, 1, 0, 0]);
  }
  await server.command('CONFIG', 'RESETSTAT');
  const { jobs, total } = await ports.store.find({ filter: { labels: ['odd:1'] }, order, limit: 50 });
  expect([jobs.length, jobs[0]!.id, total]).toEqual([50, 'job_many2199', count / 2]);
  expect(await countCommands('evalsha', 'hmget', 'zrange')).toEqual([0, 50, 1]);
});

test('leaves no entry in the indexes when the job exists', async () => {
  const change = (createdAt: number) =>
    ({ expected: [['job', null]], writes: [['job', '1']], index: { createdAt, active: true } }) as const;
  await ports.store.commit('job_third', change(5));
  const before = await server.command('ZCARD', 'gradsmith:jobs');
  expect(await ports.store.commit('job_third', change(6))).toBe(false);
  expect(await ports.store.commit('job_third', change(5))).toBe(false);
  expect(await server.command('ZCARD', 'gradsmith:jobs')).toBe(before);
  expect(await listIds(ports.store, { active: true })).toContain('job_third');
});
