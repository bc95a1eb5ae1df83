import { createJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { jobSpec, MemoryLog, startRedisServer, type RedisServer } from '@gradsmith/testing';
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
  // One script reads the job, one commits it.
  expect(await countCommands('evalsha', 'eval', 'zadd', 'hset')).toEqual([2, 0, 2, 1]);
});

test('leaves no entry in the indexes when the job exists', async () => {
  const change = (createdAt: number) =>
    ({ expected: [['job', null]], writes: [['job', '1']], index: { createdAt, active: true } }) as const;
  await ports.store.commit('job_third', change(5));
  const before = await server.command('ZCARD', 'gradsmith:jobs');
  expect(await ports.store.commit('job_third', change(6))).toBe(false);
  expect(await ports.store.commit('job_third', change(5))).toBe(false);
  expect(await server.command('ZCARD', 'gradsmith:jobs')).toBe(before);
  expect(await ports.store.list({ limit: 9, active: true })).toContain('job_third');
});
