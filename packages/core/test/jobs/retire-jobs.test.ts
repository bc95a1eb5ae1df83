import { expect, test } from 'vitest';
import { extendJob, retireJobs, steerJob, type JobDocument } from '../../src/jobs/index.ts';
import type { RetirePolicy } from '../../src/jobs/retire-jobs.ts';
import { Ledger, type LedgerStore } from '../../src/ledger/index.ts';
import { claimNotification, settleNotification } from '../../src/notifications/index.ts';
import { job } from '../support/jobs.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { World } from '../support/world.ts';

const DAY = 24 * 3_600_000;

/** Two finished jobs, a day apart, and one that runs. */
async function createWorldWithJobs(): Promise<{ world: World; old: string; young: string; running: string }> {
  const world = new World();
  const [old, young, running] = [
    'job_00000000000000000001',
    'job_00000000000000000002',
    'job_00000000000000000003',
  ] as const;
  for (const id of [old, young, running]) await world.create(job(), id);
  await steerJob(world.ledger, old, 'cancel');
  world.store.now += DAY;
  await steerJob(world.ledger, young, 'cancel');
  return { world, old, young, running };
}

test('archives and removes a job that finished long ago, and keeps newer and running ones', async () => {
  const {
    world: { ledger, store },
    old,
    young,
    running,
  } = await createWorldWithJobs();
  const archived: JobDocument[] = [];
  const policy = { keepMs: DAY, archive: keepIn(archived) };
  expect(await retireJobs(ledger, policy)).toEqual([]);
  store.now += 1;
  expect(await retireJobs(ledger, policy)).toEqual([old]);
  expect(archived).toMatchObject([{ format: 'gradsmith-job', job: { id: old, state: 'cancelled' } }]);
  expect((await listIds(ledger)).sort()).toEqual([young, running]);
});

test('keeps a job until its webhooks have its end, or it was given up', async () => {
  const world = new World();
  const { ledger, store } = world;
  const policy = { keepMs: DAY, archive: async () => {} };
  const webhooks = [{ url: 'https://lab.example/hook', on: ['finished' as const] }];
  const finish = async (n: number): Promise<string> => {
    const id = await world.create({ ...job(), webhooks }, `job_0000000000000000000${n}`);
    await steerJob(ledger, id, 'cancel');
    return id;
  };
  const settle = async (id: string, kind: 'delivered' | 'failed' | 'gone'): Promise<void> => {
    const { notification } = await claimNotification(ledger, id, 1);
    await settleNotification(ledger, notification!, { kind });
  };
  const [delivered, failing, gone, untried] = [await finish(1), await finish(2), await finish(3), await finish(4)];
  store.now += DAY + 1;
  expect(await retireJobs(ledger, policy)).toEqual([]);
  await settle(delivered, 'delivered');
  await settle(gone, 'gone');
  await settle(failing, 'failed');
  expect((await retireJobs(ledger, policy)).sort()).toEqual([delivered, gone].sort());
  for (let tries = 2; tries <= 30; tries++) {
    store.now += 3_600_000;
    expect(await retireJobs(ledger, policy)).toEqual([]);
    await settle(failing, 'failed');
  }
  expect(await retireJobs(ledger, policy)).toEqual([failing]);
  // No service sends webhooks.
  store.now += 6 * DAY;
  expect(await retireJobs(ledger, policy)).toEqual([untried]);
});

test('keeps a job that could not be archived', async () => {
  const {
    world: { ledger, store },
  } = await createWorldWithJobs();
  store.now += 10 * DAY;
  await expect(
    retireJobs(ledger, {
      keepMs: DAY,
      archive: async () => {
        throw new Error('disk full');
      },
    }),
  ).rejects.toThrow('disk full');
  expect(await listIds(ledger)).toHaveLength(3);
});

test('archives the other jobs if one cannot be archived, and reports why', async () => {
  const {
    world: { ledger, store },
    old,
    young,
    running,
  } = await createWorldWithJobs();
  store.now += 10 * DAY;
  const failures: unknown[] = [];
  const tooLarge = new RangeError('Invalid string length');
  const retired = await retireJobs(ledger, {
    keepMs: DAY,
    archive: async (id) => {
      if (id === young) throw tooLarge;
    },
    onFailure: (id, error) => failures.push([id, error]),
  });
  expect(retired).toEqual([old]);
  expect(failures).toEqual([[young, tooLarge]]);
  expect((await listIds(ledger)).sort()).toEqual([young, running]);
});

test('a job that is extended while it is archived stays', async () => {
  const small = new World();
  const id = await small.create(job({ search: { trials: 1 }, confirm: { top: 0, seeds: 0 } }));
  for (let round = 0; round < 3; round++) {
    await small.round();
    await small.work(id, () => 1);
  }
  small.store.now += 2 * DAY;
  expect((await small.ledger.readJob(id)).job.state).toBe('completed');
  expect(
    await retireJobs(small.ledger, { keepMs: DAY, archive: async () => void (await extendJob(small.ledger, id, 5)) }),
  ).toEqual([]);
  expect((await small.ledger.readJob(id)).job).toMatchObject({ state: 'running', budget: 5 });
});

test('a job that another process archives and removes at the same time is archived whole', async () => {
  const small = new World();
  const id = await small.create(job({ search: { trials: 3 }, confirm: { top: 0, seeds: 0 } }));
  for (let round = 0; round < 5; round++) {
    await small.round();
    await small.work(id, () => 1);
  }
  small.store.now += 2 * DAY;
  const archived: JobDocument[] = [];
  const policy = { keepMs: DAY, archive: keepIn(archived) };
  // The other one is done once this one has read the job, but not its trials.
  const slow = new Ledger({
    ...bindMethods(small.store),
    read: async (jobId, fields) => {
      if (fields.includes('trial:0')) await retireJobs(small.ledger, policy);
      return small.store.read(jobId, fields);
    },
  });
  await retireJobs(slow, policy);
  expect(await small.ledger.findJob(id)).toBeNull();
  expect(archived.map(({ trials }) => trials.length)).toEqual([4]);
});

/** Returns an archive that keeps documents in a list. */
function keepIn(archived: JobDocument[]): RetirePolicy['archive'] {
  return async (_, texts) => {
    let text = '';
    for await (const part of texts) text += part;
    archived.push(JSON.parse(text) as JobDocument);
  };
}

async function listIds(ledger: Ledger): Promise<string[]> {
  const ids: string[] = [];
  for await (const id of ledger.listJobs()) ids.push(id);
  return ids;
}

/** The store as a plain object, so that a test can replace methods. */
function bindMethods(store: MemoryStore): LedgerStore {
  const names = Object.getOwnPropertyNames(MemoryStore.prototype) as (keyof LedgerStore)[];
  return Object.fromEntries(names.map((name) => [name, store[name].bind(store)])) as unknown as LedgerStore;
}
