import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { suggestPoint } from '@gradsmith/bayesopt';
import { describe, expect, test } from 'vitest';
import { runCoordinator } from '../../src/coordinator/index.ts';
import { createJob, extendJob, readJobStatus, steerJob } from '../../src/jobs/index.ts';
import { Ledger } from '../../src/ledger/index.ts';
import type { WorkerInfo } from '../../src/ports/index.ts';
import { startTrial, failTrial, completeTrial, replayTrials, type AttemptRef } from '../../src/trials/index.ts';
import { invalidateTrial } from '../../src/trials/invalidate-trial.ts';
import { outsideJob } from '../support/external.ts';
import { job } from '../support/jobs.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { RUNTIME, silent, World } from '../support/world.ts';

/** Runs rounds and workers until nothing is queued any more. */
async function finishJob(world: World, id: string, value: (id: string) => number): Promise<string[]> {
  const done: string[] = [];
  for (let round = 0; round < 100; round++) {
    await world.round();
    const ids = await world.work(id, value);
    if (!ids.length) return done;
    done.push(...ids);
  }
  throw new Error('the job does not end');
}

const quality = (id: string): number => {
  if (id === 'reference' || id.startsWith('confirm-reference')) return 1;
  return id.startsWith('confirm') ? 0.9 : 1 - Number(id) / 10;
};

describe('a job', () => {
  test('runs its reference, exactly its budget, and its confirmations, and completes', async () => {
    const world = new World();
    const id = await world.create(job());
    const done = await finishJob(world, id, quality);
    const status = await readJobStatus(world.ledger, id, world.workers);
    expect(status).toMatchObject({
      state: 'completed',
      settled: 6,
      best: { trial: '5', value: 0.5 },
      reference: 1,
      searchGain: 0.5,
    });
    expect(status.counts.complete).toBe(6);
    expect(done[0]).toBe('reference');
    // The reference and the two best points, each under three fresh seeds.
    expect(done.filter((name) => name.startsWith('confirm')).length).toBe(9);
    expect(status.confirmed.map(({ number }) => number)).toEqual([5, 4]);
    expect(status.confirmed[0]!.gains).toHaveLength(3);
    expect(status.confirmed[0]!.mean).toBeCloseTo(0.1, 12);
  });

  test('never has more trials open than its parallelism or the free slots allow', async () => {
    const world = new World();
    const id = await world.create(job());
    await world.round();
    expect((await world.ledger.readJob(id)).job.open.length).toBe(2);
    const narrow = new World();
    narrow.workers[0]!.slots = 1;
    const other = await narrow.create(job());
    await narrow.round();
    await narrow.round();
    expect((await narrow.ledger.readJob(other)).job.open).toEqual(['reference']);
  });

  test('waits, and says so, while no worker can run it', async () => {
    const world = new World();
    world.workers = [];
    const id = await world.create(job());
    await world.round();
    expect(world.queue.size).toBe(0);
    expect(await readJobStatus(world.ledger, id, world.workers)).toMatchObject({ state: 'running', workers: 0 });
  });

  test('passes pending trials to the optimizer, and records what it had seen', async () => {
    const world = new World();
    const id = await world.create(job());
    await world.round();
    const [first] = world.suggested;
    expect(first!.history).toEqual([]);
    await world.work(id, quality);
    await world.round();
    const { history } = world.suggested.at(-1)!;
    expect(history.map(({ status }) => status)).toEqual(['complete', 'pending']);
    const [trial] = await world.ledger.readTrials(id, ['2']);
    expect(trial!.source.seenSeq).toBeGreaterThan(0);
  });

  test('ends as exhausted when its space has no unseen point left', async () => {
    const world = new World();
    world.suggest = ({ number }) =>
      number < 3 ? { kind: 'point', source: 'initial', point: { 'relu2.u': number } } : { kind: 'exhausted' };
    const id = await world.create(job());
    await finishJob(world, id, quality);
    expect(await readJobStatus(world.ledger, id, world.workers)).toMatchObject({ state: 'exhausted', settled: 3 });
  });

  test('confirms on the only slot when its space is exhausted', async () => {
    const world = new World();
    world.workers[0]!.slots = 1;
    world.suggest = ({ number }) =>
      number < 3 ? { kind: 'point', source: 'initial', point: { 'relu2.u': number } } : { kind: 'exhausted' };
    const id = await world.create(job());
    const done = await finishJob(world, id, quality);
    expect(done.filter((name) => name.startsWith('confirm')).length).toBe(9);
    expect(await readJobStatus(world.ledger, id, world.workers)).toMatchObject({ state: 'exhausted', settled: 3 });
  });

  test('creates no trial after it was cancelled while a suggestion was computed', async () => {
    const world = new World();
    const id = await world.create(job());
    const compute = world.suggest;
    world.suggest = (input) => {
      void steerJob(world.ledger, id, 'cancel');
      return compute(input);
    };
    await world.round();
    const { job: record } = await world.ledger.readJob(id);
    expect(record).toMatchObject({ state: 'cancelled', nextNumber: 0, open: [] });
  });

  test(
    'extended to the budget it has, uses the number of a result that was taken back, and confirms what ' +
      'is best now',
    async () => {
      const world = new World();
      const id = await world.create(job());
      await finishJob(world, id, quality);
      await invalidateTrial(world.ledger, id, '5', 'wrong data');
      await extendJob(world.ledger, id, 6);
      await finishJob(world, id, (trial) => (trial === '6' ? 2 : quality(trial)));
      const status = await readJobStatus(world.ledger, id, world.workers);
      expect(status).toMatchObject({ state: 'completed', settled: 6, best: { trial: '4' } });
      expect(status.counts).toMatchObject({ complete: 6, cancelled: 1 });
      expect(status.confirmed.map(({ number }) => number)).toEqual(expect.arrayContaining([4, 3]));
    },
  );

  test('creates the trials of free slots at once, and suggests each point knowing those before it', async () => {
    const world = new World();
    world.suggest = suggestPoint;
    const id = await world.create(job({ search: { trials: 24, maxParallelism: 4 } }));
    await world.round();
    await world.work(id, quality);
    const before = world.suggested.length;
    await world.round();
    const histories = world.suggested.slice(before).map(({ history }) => history.map(({ status }) => status));
    // The last one is computed ahead, while the trials run.
    const pending = histories.map((statuses) => statuses.filter((status) => status === 'pending').length);
    expect(pending).toEqual([0, 1, 2, 3, 4]);
    await finishJob(world, id, quality);
    const { spec, job: record } = await world.ledger.readJob(id);
    const trials = await world.ledger.readAllTrials(record);
    const replayed = [...replayTrials(spec, trials, suggestPoint, {})];
    expect(replayed.map(({ equal }) => equal)).toEqual(Array<boolean>(24).fill(true));
    expect(replayed.filter(({ source }) => source === 'model').length).toBeGreaterThan(10);
    // Trials that were created together have seen the same change.
    const searched = trials.filter(({ role }) => role === 'search');
    expect(new Set(searched.map(({ source }) => source.seenSeq)).size).toBeLessThan(12);
  });

  test('continues after it is extended, and confirms the new best point', async () => {
    const world = new World();
    const id = await world.create(job());
    await finishJob(world, id, quality);
    await extendJob(world.ledger, id, 8);
    await finishJob(world, id, quality);
    const status = await readJobStatus(world.ledger, id, world.workers);
    expect(status).toMatchObject({ state: 'completed', settled: 8, best: { trial: '7' } });
    expect(status.confirmed[0]!.number).toBe(7);
  });
});

describe('an attempt without heartbeats', () => {
  test('expires after its lease and is tried again by another message', async () => {
    const world = new World();
    const id = await world.create(job());
    await world.round();
    const [message] = world.queue.values();
    world.queue.clear();
    const ref = { jobId: id, trialId: message!.trialId, attemptId: randomUUID() };
    await startTrial(world.ledger, ref, { worker: 'w', runtime: RUNTIME }, { leaseMs: 30_000 });
    world.store.now += 29_999;
    await world.round();
    expect((await world.ledger.readTrials(id, [ref.trialId]))[0]!.state).toBe('running');
    world.store.now += 2;
    await world.round();
    const [trial] = await world.ledger.readTrials(id, [ref.trialId]);
    expect(trial).toMatchObject({ state: 'pending', dispatch: 1 });
    expect([...world.queue.keys()]).toContain(`${id}-${ref.trialId}-1`);
    // Late, but no other attempt has started: the result counts.
    expect(
      await completeTrial(world.ledger, ref, { outcome: 'complete', value: 1, metrics: {}, curve: '', provenance: {} }),
    ).toBe('reported');
  });
});

describe('two coordinators', () => {
  test('lead a job one at a time, and the later fence wins', async () => {
    const world = new World();
    const id = await world.create(job());
    await world.round('one');
    const before = (await world.ledger.readJob(id)).lease!;
    expect(before.owner).toBe('one');
    // The first gave its lease back when it stopped, so the second takes over with a higher fence.
    await world.round('two');
    const after = (await world.ledger.readJob(id)).lease!;
    expect(after).toMatchObject({ owner: 'two', fence: before.fence + 1 });
  });
});

describe('a suggestion that takes longer than the lease', () => {
  test('keeps the lease, so that no other coordinator leads the job', async () => {
    const leaseMs = 300;
    const store = new MemoryStore();
    Object.defineProperty(store, 'now', { get: () => Math.round(performance.now()) });
    const ledger = new Ledger(store);
    const { job: created } = await createJob(ledger, 'job_00000000000000000000', outsideJob());
    const stop = new AbortController();
    const coordinate = async (owner: string): Promise<void> =>
      runCoordinator(
        {
          ledger,
          owner,
          leaseMs,
          trialLeaseMs: 1_000,
          everyMs: 20,
          log: silent,
          dispatcher: {
            send: async () => {},
            findMissing: async () => [],
            consume: () => {
              throw new Error('nothing is queued');
            },
            close: async () => {},
          },
          suggester: {
            versions: {},
            close: async () => {},
            suggest: async () =>
              delay(2 * leaseMs).then(() => [
                {
                  kind: 'point',
                  source: 'initial',
                  point: { depth: 1, share: 1, criterion: 'gini', jobs: 1 },
                },
              ]),
          },
          workers: { listLive: async () => [], announce: async () => {}, withdraw: async () => {} },
          signals: { publish() {}, subscribe: () => () => {}, close: async () => {} },
          clock: {
            monotonic: () => performance.now(),
            sleep: async (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
          },
        },
        stop.signal,
      );
    const both = Promise.all(['one', 'two'].map(coordinate));
    try {
      await expect
        .poll(async () => (await ledger.readJob(created.id)).job.nextNumber, { timeout: 10_000 })
        .toBeGreaterThan(0);
    } finally {
      stop.abort();
      await both;
    }
  });
});

describe('a round over all jobs', () => {
  const ids = ['a', 'b', 'c'].map((letter) => `job_0000000000000000000${letter}`);
  const served = async (prepare: (world: World) => unknown): Promise<string[]> => {
    const world = new World();
    world.workers[0]!.slots = 6;
    for (const id of ids) await world.create(job(), id);
    await prepare(world);
    await world.round();
    return [...new Set([...world.queue.values()].map(({ jobId }) => jobId))];
  };

  test('starts with jobs that changed during the last round', async () => {
    const many = Array.from({ length: 40 }, (_, i) => `job_000000000000000000${10 + i}`);
    const world = new World();
    world.workers[0]!.slots = 100;
    for (const id of many) await world.create(job(), id);
    const last = many.at(-1)!;
    world.onMessage = () => {
      if (world.queue.size === 1) world.ring(last);
    };
    await world.round();
    const order = [...new Set([...world.queue.values()].map(({ jobId }) => jobId))];
    expect(order).toHaveLength(many.length);
    expect(order.indexOf(last)).toBeLessThan(many.length / 2);
  });

  test('gives slots that become free to a job that waits for them, although that job did not change', async () => {
    const [first, second] = ids as [string, string];
    const world = new World();
    world.workers[0]!.slots = 1;
    for (const id of [first, second]) await world.create(job(), id);
    // The only slot is taken. Then its job is cancelled, and only that job is signalled.
    const served: string[] = [];
    world.onMessage = () => {
      const [message] = [...world.queue.values()].slice(-1);
      served.push(message!.jobId);
      if (served.length === 1) void steerJob(world.ledger, message!.jobId, 'cancel').then(() => world.ring(served[0]!));
    };
    await world.round();
    expect(new Set(served).size).toBe(2);
  });

  test.each([
    ['the first that asked', 0, 1],
    ['the one with the highest priority', 5, 2],
    ['none with a lower priority', -5, 1],
  ])('gives a slot that becomes free to the right job: %s', async (_, priority, expected) => {
    const [first, second, third] = ids as [string, string, string];
    const world = new World();
    world.workers[0]!.slots = 1;
    await world.create(job(), first);
    await world.create(job(), second);
    await world.create({ ...job(), priority }, third);
    const served: string[] = [];
    world.onMessage = () => {
      const [message] = [...world.queue.values()].slice(-1);
      served.push(message!.jobId);
      if (served.length === 1) void steerJob(world.ledger, first, 'cancel').then(() => world.ring(first));
    };
    await world.round();
    expect(served).toEqual([first, ids[expected]]);
  });

  test('looks for the message of a pending trial in all queues of its job, and sends it to a live worker', async () => {
    const [first] = ids as [string];
    const world = new World();
    const [plain] = world.workers as [WorkerInfo];
    const labelled = { ...plain, id: 'l', name: 'l', labels: ['a100'] };
    world.workers = [labelled];
    await world.create(job(), first);
    await world.round();
    const created = [...world.queue.values()];
    expect(new Set(created.map(({ queue }) => queue))).toEqual(new Set([`${RUNTIME} +a100`]));
    world.workers = [labelled, plain];
    await world.round('two');
    expect(world.queue.size).toBe(2);
    world.queue.clear();
    world.workers = [plain];
    await world.round('three');
    expect([...world.queue.values()].map(({ id, queue }) => [id, queue])).toEqual(
      created.map(({ id }) => [id, RUNTIME]),
    );
  });

  test('creates no more trials than there are free slots while it advances many jobs at the same time', async () => {
    const world = new World();
    world.workers[0]!.slots = 7;
    for (const id of ids) await world.create(job({ search: { maxParallelism: 6 } }), id);
    await world.round();
    expect(world.queue.size).toBe(7);
  });

  test.each<[string, (world: World, id: string, refs: AttemptRef[]) => Promise<unknown>]>([
    [
      'whose job is paused',
      async (world, id) => {
        await steerJob(world.ledger, id, 'pause');
        world.store.now += 60_000;
      },
    ],
    [
      'that wait after a failure',
      (world, _, refs) => Promise.all(refs.map((ref) => failTrial(world.ledger, ref, 'no disk'))),
    ],
  ])('gives the slots of trials %s to other jobs', async (_, stop) => {
    const [first, second] = ids as [string, string];
    const world = new World();
    world.workers[0]!.slots = 2;
    await world.create(job({ limits: { backoff: '1h' } } as object), first);
    await world.round();
    await stop(world, first, await world.startTrials(first));
    await world.round();
    expect((await world.ledger.readJob(first)).job.counts).toMatchObject({ running: 0, pending: 1 });
    await world.create(job(), second);
    await world.round();
    expect((await world.ledger.readJob(second)).job.open.length).toBe(2);
  });

  test('leaves a paused job the slots of the trials that still run', async () => {
    const [first, second] = ids as [string, string];
    const world = new World();
    world.workers[0]!.slots = 3;
    await world.create(job(), first);
    await world.round();
    await world.startTrials(first);
    await steerJob(world.ledger, first, 'pause');
    await world.create(job(), second);
    await world.round();
    expect((await world.ledger.readJob(second)).job.open.length).toBe(1);
  });

  test('leads only the job it is for, also when other jobs change', async () => {
    const [first, second, third] = ids as [string, string, string];
    const world = new World();
    world.workers[0]!.slots = 6;
    for (const id of ids) await world.create(job(), id);
    const { suggest } = world;
    world.suggest = (input) => {
      world.ring(first);
      return suggest(input);
    };
    await world.round('one', second);
    await world.round('two', third);
    const leases = await Promise.all(ids.map(async (id) => (await world.ledger.readJob(id)).lease));
    expect(leases.map((lease) => lease?.owner)).toEqual([undefined, 'one', 'two']);
  });

  test('continues after a job whose record cannot be read', async () => {
    const order = await served((world) => world.store.commit(ids[1]!, { expected: [], writes: [['job', '{']] }));
    expect(order.sort()).toEqual([ids[0], ids[2]]);
  });
});
