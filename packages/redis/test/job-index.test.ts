import { createJob, listJobs, steerJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { jobSpec, listIds, MemoryLog } from '@gradsmith/testing';
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
  ports = await redis.connect({ prefix });
  raw = new Redis(redis.url);
});
afterEach(async () => {
  await raw.call('ACL', 'DELUSER', `worker-${prefix}`);
  raw.disconnect();
  await ports.close();
});

const progress = { state: 'running', settled: 0, best: null } as const;
const newest = { key: 'createdAt', isDescending: true } as const;
const putJob = async (id: string): Promise<void> => {
  const index = { createdAt: 1, active: true, progress, names: { name: id, labels: { team: 'vision' } } };
  expect(await ports.store.commit(id, { expected: [['a', null]], writes: [['a', '1']], index })).toBe(true);
};
const listUnnamed = async (): Promise<string[]> => {
  const ids: string[] = [];
  for await (const part of ports.store.listUnnamed()) ids.push(...part);
  return ids;
};

describe('jobs without names', () => {
  test('are found if the index names as many jobs as there are, but others', async () => {
    await putJob('named');
    await raw.zadd(`${prefix}:jobs`, '0', '000000000000002:old');
    await raw.hset(`${prefix}:job:old`, '@index', '2:1', 'a', '1');
    await raw.zadd(`${prefix}:names`, '0', '000000000000003:removed:its name');
    expect(await raw.zcard(`${prefix}:names`)).toBe(await raw.zcard(`${prefix}:jobs`));
    expect(await listUnnamed()).toEqual(['old']);
  });

  test('are those whose entry is missing, too', async () => {
    await putJob('j');
    await raw.del(`${prefix}:names`);
    expect(await listUnnamed()).toEqual(['j']);
  });

  test('are those whose names cannot be read, too; they hide no other job', async () => {
    await putJob('j');
    await putJob('k');
    await raw.hset(`${prefix}:job:j`, '@names', '{"name":');
    expect(await listUnnamed()).toEqual(['j']);
    expect((await ports.store.find({ filter: {}, order: newest, limit: 9 })).jobs).toMatchObject([{ id: 'k' }]);
  });

  test('keep their entries, and are reported by a search that meets them', async () => {
    await putJob('j');
    // As an earlier version writes it.
    await raw.hset(`${prefix}:job:j`, '@index', '1:1');
    for (const filter of [{}, { state: 'running' }, { labels: ['team'] }, { name: 'j' }] as const) {
      expect(await ports.store.find({ filter, order: newest, limit: 9 })).toMatchObject({ jobs: [], unnamed: ['j'] });
    }
    const entries = ['names', 'state:running', 'label:team', 'label:team:vision'];
    expect(await Promise.all(entries.map(async (key) => raw.zcard(`${prefix}:${key}`)))).toEqual([1, 1, 1, 1]);
  });

  test('are named while they are listed, if an earlier version changes them after the first list', async () => {
    const ledger = new Ledger(ports.store);
    const id = 'job_00000000000000000001';
    await createJob(ledger, id, { ...jobSpec(), name: 'sweep' });
    const list = async (): Promise<string[]> =>
      (await listJobs(ledger, { name: 'sweep', limit: 9 })).items.map((job) => job.id);
    expect(await list()).toEqual([id]);
    const marker = await raw.hget(`${prefix}:job:${id}`, '@index');
    await raw.hset(`${prefix}:job:${id}`, '@index', `${marker!.split(':')[0]}:1`);
    expect(await list()).toEqual([id]);
    expect(await listUnnamed()).toEqual([]);
  });
});

describe('a user with the permissions of a worker', () => {
  const connectWorker = async (log: MemoryLog, permissions: string): Promise<RedisPorts> => {
    const user = `worker-${prefix}`;
    await raw.call(
      'ACL',
      'SETUSER',
      user,
      'on',
      '>word',
      '+@all',
      ...permissions.replaceAll('P:', `${prefix}:`).split(' '),
    );
    const url = new URL(redis.url);
    Object.assign(url, { username: user, password: 'word' });
    return connectRedis({ url: url.href, prefix }, log);
  };
  const jobKeys = '(~P:job:* ~P:jobs ~P:active ~P:state:* +eval +evalsha) (~P:job:* +hget +hmget +hset +exists)';
  const lists = '(%R~P:jobs %R~P:active +zscore +zrange)';

  test('finishes a job; that it stays among the active ones until a coordinator looks is logged', async () => {
    const log = new MemoryLog();
    const id = 'job_00000000000000000001';
    await createJob(new Ledger(ports.store), id, jobSpec());
    const permissions = `~P:seal:* &P:* ${jobKeys} ${lists} (~P:state:* +zscore +zadd +zrem)`;
    const worker = await connectWorker(log, permissions);
    await steerJob(new Ledger(worker.store), id, 'cancel');
    expect(JSON.stringify(log.lines)).toContain('may not take the finished job');
    expect(await raw.zcard(`${prefix}:active`)).toBe(1);
    expect(await listIds(ports.store, { active: true })).toEqual([]);
    expect(await raw.zcard(`${prefix}:active`)).toBe(0);
    await worker.close();
  });

  test('is told what to do if it lacks a permission of this version', async () => {
    const id = 'job_00000000000000000001';
    await createJob(new Ledger(ports.store), id, jobSpec());
    const worker = await connectWorker(
      new MemoryLog(),
      `~P:seal:* &P:* ${jobKeys.replace(' ~P:state:*', '')} ${lists}`,
    );
    const denied = { code: 'ledger-unavailable', message: expect.stringContaining('renew the permissions') };
    await expect(steerJob(new Ledger(worker.store), id, 'cancel')).rejects.toMatchObject(denied);
    expect((await new Ledger(ports.store).readJob(id)).job.state).toBe('queued');
    await expect(worker.store.remove(id)).rejects.toMatchObject(denied);
    await worker.close();
  });
});
