import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { completeTrial, failTrial, startTrial } from '@gradsmith/core/trials';
import { connectRedis, type RedisPorts, type RedisSettings } from '@gradsmith/redis';
import { Bench, createResult, jobSpec, listIds, MemoryLog, waitUntil } from '@gradsmith/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LocalLedger } from './local-ledger.ts';

let ledger: LocalLedger;
beforeAll(async () => {
  ledger = await LocalLedger.start();
});
afterAll(async () => ledger?.end());

/** What Redis answers to a command or a key that a user has no permission for, directly or in a script. */
const DENIED = /NOPERM|permission|not allowed|can't (run|access)/i;

/** Connects as API and coordinator, or as a worker. */
async function connectAs(role: 'service' | 'worker'): Promise<RedisPorts> {
  const user = role === 'worker' ? 'gradsmith-worker' : 'gradsmith';
  const settings = {
    url: `rediss://${user}@localhost:${ledger.port}`,
    passwordFile: ledger.path('secrets', role, 'redis-password'),
    caFile: ledger.path('secrets', role, 'ca.crt'),
  };
  return connectRedis(settings, new MemoryLog());
}

/** Connects as the service does, with changes. */
async function connect(changes: Partial<RedisSettings> = {}): Promise<MemoryLog> {
  const log = new MemoryLog();
  const ports = await connectRedis(
    {
      url: `rediss://gradsmith@localhost:${ledger.port}`,
      passwordFile: ledger.path('secrets/service/redis-password'),
      caFile: ledger.path('secrets/service/ca.crt'),
      ...changes,
    },
    log,
  );
  try {
    await ports.store.check();
  } finally {
    await ports.close();
  }
  return log;
}

describe('the service', () => {
  test('connects with its user, password and authority, and finds a fit Redis', async () => {
    expect((await connect()).lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  test('with plain text is refused', async () => {
    await expect(connect({ url: `redis://gradsmith@localhost:${ledger.port}`, caFile: undefined })).rejects.toThrow(
      /Redis cannot be reached: .*TLS only, its address is rediss:/,
    );
  });

  test('refuses the server without its authority’s certificate, with another one, or under another name', async () => {
    await expect(connect({ caFile: undefined })).rejects.toThrow('self-signed certificate in certificate chain');
    const other = new LocalLedger(0);
    await other.run('ledger-secrets');
    await expect(connect({ caFile: other.path('secrets/service/ca.crt') })).rejects.toThrow(/certificate/);
    await expect(connect({ url: `rediss://gradsmith@127.0.0.2:${ledger.port}` })).rejects.toThrow(
      "IP: 127.0.0.2 is not in the cert's list",
    );
    await other.end();
  });

  test('with another user or password is refused', async () => {
    writeFileSync(ledger.path('wrong'), 'wrong');
    await expect(connect({ passwordFile: ledger.path('wrong') })).rejects.toThrow(
      'does not accept the user and the password',
    );
    await expect(connect({ url: `rediss://nobody@localhost:${ledger.port}` })).rejects.toThrow(
      'does not accept the user and the password',
    );
    await expect(connect({ url: `rediss://default@localhost:${ledger.port}` })).rejects.toThrow(
      'does not accept the user and the password',
    );
  });
});

describe('permissions', () => {
  const as = async (user: string, ...words: string[]): Promise<string> =>
    ledger.command(
      user,
      ledger.secret(user === 'operator' ? 'secrets/ledger/operator-password' : 'secrets/service/redis-password'),
      ...words,
    );

  test('refuses every command without a password', async () => {
    for (const words of [['PING'], ['GET', 'gradsmith:x'], ['INFO']])
      expect(await ledger.command('', '', ...words)).toContain('NOAUTH');
  });

  test.each([
    'FLUSHALL',
    'FLUSHDB',
    'KEYS *',
    'SWAPDB 0 1',
    'CONFIG SET appendfsync no',
    'CONFIG REWRITE',
    'SHUTDOWN NOSAVE',
    'DEBUG SLEEP 0',
    'SAVE',
    'BGSAVE',
    'BGREWRITEAOF',
    'REPLICAOF 127.0.0.1 1',
    'FAILOVER',
    'MODULE LIST',
    'MONITOR',
    'CLIENT KILL TYPE normal',
    'ACL LIST',
    'ACL SETUSER gradsmith +@all',
    'ACL SAVE',
    'SLOWLOG RESET',
  ])('the service may not %s', async (command) => {
    expect(await as('gradsmith', ...command.split(' '))).toMatch(/NOPERM|DEBUG command not allowed/);
  });

  test('limits the service to its own keys and channels, also in scripts', async () => {
    expect(await as('gradsmith', 'SET', 'gradsmith:x', '1')).toBe('OK');
    expect(await as('gradsmith', 'GET', 'gradsmith:x')).toBe('1');
    for (const words of [
      ['SET', 'other', '1'],
      ['GET', 'other'],
      ['RENAME', 'gradsmith:x', 'other'],
      ['PUBLISH', 'other', '1'],
      ['SUBSCRIBE', 'other'],
    ]) {
      expect(await as('gradsmith', ...words)).toMatch(/NOPERM|DEBUG command not allowed/);
    }
    expect(await as('gradsmith', 'EVAL', 'return redis.call("GET", "other")', '0')).toMatch(
      /can't access|NOPERM|permission/i,
    );
    expect(await as('gradsmith', 'EVAL', 'return redis.call("FLUSHALL")', '0')).toMatch(/can't run|NOPERM|permission/i);
    expect(await as('gradsmith', 'GET', 'gradsmith:x')).toBe('1');
  });

  const asWorker = async (...words: string[]): Promise<string> =>
    ledger.command('gradsmith-worker', ledger.secret('secrets/worker/redis-password'), ...words);

  test.each([
    'DEL gradsmith:job:a',
    'UNLINK gradsmith:job:a',
    'RENAME gradsmith:job:a gradsmith:queue:a',
    'EXPIRE gradsmith:job:a 1',
    'HDEL gradsmith:job:a spec',
    'ZADD gradsmith:jobs 0 a',
    'ZREM gradsmith:jobs a',
    'ZREM gradsmith:active a',
    'DEL gradsmith:jobs',
    'GET gradsmith:secret',
    'SET gradsmith:secret 1',
    'SET gradsmith:other 1',
    'GET other',
    'CONFIG SET appendfsync no',
    'FLUSHALL',
  ])('a worker may not %s, neither directly nor in a script', async (command) => {
    const words = command.split(' ');
    expect(await asWorker(...words)).toMatch(DENIED);
    const call = `return redis.call(${words.map((word) => `"${word}"`).join(',')})`;
    expect(await asWorker('EVAL', call, '1', 'gradsmith:job:a')).toMatch(DENIED);
  });

  test('a worker completes a trial, and can neither create nor delete a job', async () => {
    const [service, worker] = await Promise.all([connectAs('service'), connectAs('worker')]);
    const bench = await Bench.running(service.store);
    expect(await bench.createTrial(0)).toBe('created');

    const atWorker = new Ledger(worker.store);
    const ref = bench.attempt(0);
    const started = await startTrial(atWorker, ref, { worker: 'worker', runtime: 'test' }, { leaseMs: 60_000 });
    expect(started).toMatchObject({ kind: 'started' });
    expect(await completeTrial(atWorker, ref, createResult(0.5))).toBe('reported');
    expect((await bench.trial(0)).state).toBe('complete');

    await expect(createJob(atWorker, 'job_00000000000000000002', jobSpec())).rejects.toThrow(DENIED);
    await expect(worker.store.remove(bench.jobId)).rejects.toThrow(DENIED);
    expect(await listIds(service.store)).toEqual([bench.jobId]);
    await Promise.all([service.close(), worker.close()]);
  });

  test('a trial that fails at a worker may end its job', async () => {
    const [service, worker] = await Promise.all([connectAs('service'), connectAs('worker')]);
    const bench = await Bench.running(service.store, { attempts: 1, maxFailures: 0 });
    expect(await bench.createTrial(0)).toBe('created');
    const atWorker = new Ledger(worker.store);
    const ref = bench.attempt(0);
    await startTrial(atWorker, ref, { worker: 'worker', runtime: 'test' }, { leaseMs: 60_000 });
    expect(await failTrial(atWorker, ref, 'no disk')).toBe('failed');
    expect(await bench.job()).toMatchObject({ state: 'failed', counts: { failed: 1 } });
    const order = { key: 'createdAt', isDescending: true } as const;
    const { jobs } = await service.store.find({ filter: { state: 'failed' }, order, limit: 10 });
    expect(jobs.map(({ id }) => id)).toEqual([bench.jobId]);
    await Promise.all([service.close(), worker.close()]);
  });

  test('a worker takes messages, announces itself and hears of changed jobs', async () => {
    const [service, worker] = await Promise.all([connectAs('service'), connectAs('worker')]);
    const seen: string[] = [];
    worker.dispatcher.consume('wasm: a/b', 1, async ({ id }) => void seen.push(id));
    await service.dispatcher.send({ id: 'job_0-0-0', jobId: 'job_0', trialId: '0', queue: 'wasm: a/b' });
    const info = { id: 'w', name: 'host', runtime: 'wasm: a/b', backend: 'wasm', slots: 1, busy: [] };
    await worker.workers.announce(info, 60_000);
    expect(await service.workers.listLive()).toEqual([{ ...info, seenAt: expect.any(Number) }]);
    await worker.workers.withdraw('w');
    const changed: string[] = [];
    worker.signals.subscribe((jobId) => changed.push(jobId));
    await waitUntil(() => {
      service.signals.publish('job_0');
      return changed.length > 0 && seen.length > 0;
    });
    expect(seen).toEqual(['job_0-0-0']);
    expect(await worker.leases.acquire('gpu-0', 'w', 1000)).toBe(true);
    await worker.leases.release('gpu-0', 'w');
    await Promise.all([service.close(), worker.close()]);
  });

  test.each([
    'GET gradsmith:x',
    'SET gradsmith:x 2',
    'KEYS *',
    'SCAN 0',
    'RANDOMKEY',
    'DUMP gradsmith:x',
    'EVAL return_1 0',
    'SUBSCRIBE gradsmith:x',
    'PUBLISH gradsmith:x 1',
    'CONFIG GET *',
    'FLUSHALL',
    'SHUTDOWN NOSAVE',
    'ACL LIST',
    'MONITOR',
    'DEBUG SLEEP 0',
    'CLIENT KILL TYPE normal',
    'SYNC',
  ])('the operator may not %s', async (command) => {
    expect(await as('operator', ...command.split(' '))).toMatch(/NOPERM|DEBUG command not allowed/);
  });

  test.each([
    'PING',
    'INFO persistence',
    'DBSIZE',
    'LASTSAVE',
    'ACL WHOAMI',
    'SLOWLOG GET',
    'LATENCY LATEST',
    'MEMORY STATS',
    'CLIENT LIST',
  ])('the operator may %s', async (command) => {
    expect(await as('operator', ...command.split(' '))).not.toMatch(/NOPERM|ERR/);
  });
});

test('restores a backup only if it is intact and the volume is empty', async () => {
  const password = ledger.secret('secrets/service/redis-password');
  await ledger.command('gradsmith', password, 'SET', 'gradsmith:kept', 'before');
  const backup = await ledger.run('ledger-backup');
  expect({ code: backup.code, magic: backup.bytes.subarray(0, 5).toString() }).toEqual({ code: 0, magic: 'REDIS' });
  await ledger.command('gradsmith', password, 'SET', 'gradsmith:kept', 'after');
  await ledger.down();

  expect(await ledger.run('ledger-restore', [], backup.bytes)).toMatchObject({
    code: 1,
    output: expect.stringContaining('is not empty') as string,
  });
  const elsewhere = await LocalLedger.start();
  await elsewhere.down();
  for (const name of readdirSync(elsewhere.path('data'))) rmSync(elsewhere.path('data', name), { recursive: true });
  const torn = Buffer.from(backup.bytes);
  torn[torn.length - 20]! ^= 0xff;
  for (const unsound of [torn, backup.bytes.subarray(0, -30), Buffer.from('no back-up')]) {
    expect(await elsewhere.run('ledger-restore', [], unsound)).toMatchObject({
      code: 1,
      output: expect.stringContaining('that is no sound back-up') as string,
    });
    expect(readdirSync(elsewhere.path('data'))).toEqual([]);
  }
  expect((await elsewhere.run('ledger-restore', [], backup.bytes)).code).toBe(0);
  await elsewhere.up();
  expect(
    await elsewhere.command('gradsmith', elsewhere.secret('secrets/service/redis-password'), 'GET', 'gradsmith:kept'),
  ).toBe('before');
  await elsewhere.end();
  await ledger.up();
  expect(await ledger.command('gradsmith', password, 'GET', 'gradsmith:kept')).toBe('after');
}, 60_000);

test('creates secrets once, and again on request', async () => {
  const files = [
    'secrets/service/redis-password',
    'secrets/service/ca.crt',
    'secrets/worker/redis-password',
    'secrets/ledger/operator-password',
    'secrets/ledger/users.acl',
  ];
  const now = (): string[] => files.map((name) => ledger.secret(name));
  const before = now();
  expect(new Set(before).size).toBe(files.length);
  await ledger.run('ledger-secrets');
  expect(now()).toEqual(before);
  for (const role of ['service', 'worker'])
    expect(readdirSync(ledger.path('secrets', role)).sort()).toEqual(['ca.crt', 'redis-password']);

  await ledger.run('ledger-secrets', ['renew']);
  now().forEach((text, n) => expect(text).not.toBe(before[n]));
  await ledger.down();
  await ledger.up();
  await connect();
  expect(await ledger.command('gradsmith', before[0]!, 'PING')).toContain('WRONGPASS');
});
