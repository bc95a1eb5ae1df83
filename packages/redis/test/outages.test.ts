import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LedgerUnavailable } from '@gradsmith/core/domain';
import { createJob, acquireJobLease, advanceJobState } from '@gradsmith/core/jobs';
import { Ledger, type LedgerStore } from '@gradsmith/core/ledger';
import { createTrialMessage } from '@gradsmith/core/ports';
import { createTrial } from '@gradsmith/core/trials';
import { executeTrial } from '@gradsmith/core/worker';
import { jobSpec, listIds, MemoryLog, startRedisServer, waitUntil, type RedisServer } from '@gradsmith/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectRedis, UnfitRedis, type RedisPorts } from '../src/index.ts';

const TIMEOUT_MS = 500;
/** Grace time of a connection plus the time limit, with a margin for slow machines. */
const BOUND_MS = 2_000 + TIMEOUT_MS + 1_500;

let server: RedisServer;
let ports: RedisPorts;
beforeEach(async () => {
  server = await startRedisServer(process.env);
  ports = await connectRedis({ url: server.url, timeoutMs: TIMEOUT_MS }, new MemoryLog());
}, 30_000);
afterEach(async () => {
  await ports.close();
  await server.stop();
});

async function putRecord(store: LedgerStore, text: string): Promise<boolean> {
  return store.commit('j', { expected: [], writes: [['a', text]], index: { createdAt: 1, active: true } });
}

async function timeCall(call: () => Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const start = performance.now();
  const error = await call().then(
    () => null,
    (reason: unknown) => reason,
  );
  return { error, ms: performance.now() - start };
}

/** Lists every call of every port that needs Redis. */
function listCalls(): [string, () => Promise<unknown>][] {
  const message = createTrialMessage('job_0', { id: '0', dispatch: 0 }, 'runtime');
  const { store, dispatcher, workers } = ports;
  return [
    ['read', () => store.read('j', ['a'])],
    ['commit', () => putRecord(store, 'x')],
    ['list', () => listIds(store)],
    ['check', () => store.check()],
    ['remove', () => store.remove('j')],
    ['offer', () => dispatcher.send(message)],
    ['missing', () => dispatcher.findMissing([message])],
    [
      'announce',
      () => workers.announce({ id: 'w', name: 'w', runtime: 'r', backend: 'cpu', slots: 1, busy: [] }, 1000),
    ],
    ['live', () => workers.listLive()],
  ];
}

async function expectRefusals(): Promise<void> {
  // At the same time, as in a process with many waiting callers.
  const refusals = await Promise.all(listCalls().map(async ([name, call]) => ({ name, ...(await timeCall(call)) })));
  for (const { name, error, ms } of refusals) {
    expect([name, error]).toEqual([name, expect.any(LedgerUnavailable)]);
    expect([name, ms < BOUND_MS]).toEqual([name, true]);
  }
}

async function expectRecovery(): Promise<void> {
  await waitUntil(() => putRecord(ports.store, 'after').catch(() => false), 15_000);
  expect((await ports.store.read('j', ['a'])).values).toEqual(['after']);
}

describe('a Redis that fails', () => {
  test(
    'killed: refused within the bound, at once when the outage lasts, and back by itself with everything ' +
      'acknowledged',
    async () => {
      await putRecord(ports.store, 'before');
      await server.kill();
      await expectRefusals();
      const { error, ms } = await timeCall(() => ports.store.read('j', ['a']));
      expect(error).toBeInstanceOf(LedgerUnavailable);
      // Far below the grace time of a new outage, with a margin for a busy machine.
      expect(ms).toBeLessThan(1_000);
      await server.start();
      await waitUntil(
        () =>
          ports.store.check().then(
            () => true,
            () => false,
          ),
        15_000,
      );
      expect((await ports.store.read('j', ['a'])).values).toEqual(['before']);
      await expectRecovery();
    },
    30_000,
  );

  test('waits for the end of a short outage', async () => {
    await putRecord(ports.store, 'before');
    await server.kill();
    const reading = ports.store.read('j', ['a']);
    await server.start();
    expect((await reading).values).toEqual(['before']);
  }, 30_000);

  test('refuses calls within the time limit while it is frozen, and recovers', async () => {
    await server.freeze();
    await expectRefusals();
    await server.thaw();
    await expectRecovery();
  }, 30_000);

  test('a commit sent to a frozen Redis either happened or did not, and repeating it is safe', async () => {
    await putRecord(ports.store, '0');
    await server.freeze();
    const change = { expected: [['a', '0']], writes: [['a', '1']] } as const;
    expect((await timeCall(() => ports.store.commit('j', change))).error).toBeInstanceOf(LedgerUnavailable);
    await server.thaw();
    await waitUntil(
      () =>
        ports.store.check().then(
          () => true,
          () => false,
        ),
      15_000,
    );
    const first = (await ports.store.read('j', ['a'])).values[0];
    expect(await ports.store.commit('j', change)).toBe(first === '0');
    expect((await ports.store.read('j', ['a'])).values).toEqual(['1']);
  }, 30_000);

  test('refuses writes and answers reads while it is out of memory, and loses nothing', async () => {
    await putRecord(ports.store, 'before');
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    for (const call of [() => putRecord(ports.store, 'x'), () => ports.store.check()]) {
      const { error, ms } = await timeCall(call);
      expect(error).toBeInstanceOf(LedgerUnavailable);
      expect((error as Error).message).toMatch(/OOM/);
      expect(ms).toBeLessThan(BOUND_MS);
    }
    expect((await ports.store.read('j', ['a'])).values).toEqual(['before']);
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    await expectRecovery();
  }, 30_000);

  test('refuses writes while it is read-only, as after a failover', async () => {
    await putRecord(ports.store, 'before');
    await server.command('REPLICAOF', '127.0.0.1', '1');
    const { error } = await timeCall(() => putRecord(ports.store, 'x'));
    expect(error).toBeInstanceOf(LedgerUnavailable);
    expect((error as Error).message).toMatch(/READONLY/);
    await server.command('REPLICAOF', 'NO', 'ONE');
    await expectRecovery();
  }, 30_000);

  test('refuses writes while it cannot write its disk', async () => {
    await putRecord(ports.store, 'before');
    // Redis refuses writes while its snapshots fail, for example on a full disk. Here a folder has the name of the
    // snapshot.
    mkdirSync(join(server.folder, 'dump.rdb'));
    await server.command('CONFIG', 'SET', 'save', '3600 1');
    await server.command('BGSAVE');
    await waitUntil(async () => (await server.command('INFO', 'persistence')).includes('rdb_last_bgsave_status:err'));
    const { error } = await timeCall(() => putRecord(ports.store, 'x'));
    expect((error as Error).message).toMatch(/MISCONF/);
    expect(error).toBeInstanceOf(LedgerUnavailable);
    await server.command('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no');
    await expectRecovery();
  }, 30_000);

  test('is refused after a restart with a wrong setting, until it is corrected', async () => {
    await server.command('CONFIG', 'SET', 'appendfsync', 'everysec');
    // A new connection may lead to a new server.
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
    const refusal = await waitUntil(() =>
      ports.store.check().then(
        () => null,
        (error: unknown) => (error instanceof UnfitRedis ? error : null),
      ),
    );
    // To callers that wait for the ledger, it is an outage.
    expect(refusal).toBeInstanceOf(LedgerUnavailable);
    expect(refusal).toMatchObject({ code: 'unfit-redis', retryable: true });
    expect(refusal.message).toMatch(/appendfsync is everysec; start it with --appendfsync always/);
    await server.command('CONFIG', 'SET', 'appendfsync', 'always');
    await expectRecovery();
  }, 30_000);

  test(
    'restarted with another setting while a trial is trained: its result is kept and reported when the ' +
      'setting is right again',
    async () => {
      const ledger = new Ledger(ports.store);
      await createJob(ledger, 'job_0', jobSpec());
      const held = await acquireJobLease(ledger, 'job_0', 'coordinator', 60_000);
      const fenced = { jobId: 'job_0', fence: held.kind === 'held' ? held.fence : NaN };
      await advanceJobState(ledger, fenced, 'start');
      await createTrial(ledger, fenced, {
        id: 'reference',
        role: 'reference',
        number: null,
        confirms: null,
        point: {},
        seed: 1,
        source: { kind: 'fixed', seenSeq: 0 },
      });
      const log = new MemoryLog();
      const executed = executeTrial(
        {
          ledger,
          log,
          trainer: {
            close: async () => {},
            async train() {
              await server.command('CONFIG', 'SET', 'appendfsync', 'everysec');
              await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
              await waitUntil(() =>
                ports.store.check().then(
                  () => false,
                  (error: unknown) => error instanceof UnfitRedis,
                ),
              );
              return { outcome: 'complete', value: 0.5, metrics: {}, curve: '', provenance: {} };
            },
          },
          signals: { publish() {}, subscribe: () => () => {}, close: async () => {} },
          clock: {
            monotonic: () => performance.now(),
            sleep: async (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
          },
          executor: { worker: 'w', runtime: 'r' },
          leaseMs: 60_000,
          newId: randomUUID,
        },
        createTrialMessage('job_0', { id: 'reference', dispatch: 0 }, 'r'),
        new AbortController().signal,
      );
      await waitUntil(() =>
        log.lines.some(({ message }) => message.includes('the ledger does not answer; trying again')),
      );
      await server.command('CONFIG', 'SET', 'appendfsync', 'always');
      expect(await executed).toBe('reported');
      expect(await ledger.readTrials('job_0', ['reference'])).toMatchObject([
        { state: 'complete', result: { value: 0.5 }, attempts: [{ outcome: 'reported' }] },
      ]);
    },
    30_000,
  );

  test('refuses calls while it is unavailable at startup, and recovers', async () => {
    await server.kill();
    const log = new MemoryLog();
    const early = await connectRedis({ url: server.url, timeoutMs: TIMEOUT_MS }, log);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect((await timeCall(() => early.store.check())).error).toBeInstanceOf(LedgerUnavailable);
    await server.start();
    await waitUntil(
      () =>
        early.store.check().then(
          () => true,
          () => false,
        ),
      15_000,
    );
    await early.close();
  }, 30_000);
});

describe('closing', () => {
  test.each(['kill', 'freeze'] as const)(
    'after a %s, with a consumer at work, ends within a bound',
    async (fault) => {
      const handled: string[] = [];
      ports.dispatcher.consume('runtime', 2, async ({ trialId }, signal) => {
        handled.push(trialId);
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      });
      ports.signals.subscribe(() => {});
      await ports.dispatcher.send(createTrialMessage('job_0', { id: '0', dispatch: 0 }, 'runtime'));
      await waitUntil(() => handled.length === 1);
      await server[fault]();
      const { error, ms } = await timeCall(() => ports.close());
      expect(error).toBeNull();
      expect(ms).toBeLessThan(6_000);
      if (fault === 'freeze') await server.thaw();
    },
    30_000,
  );
});
