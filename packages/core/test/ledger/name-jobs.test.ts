import { expect, test } from 'vitest';
import { Busy, CorruptRecord, LedgerUnavailable, NotFound } from '../../src/domain/errors.ts';
import { createJob, listJobs } from '../../src/jobs/index.ts';
import { Ledger } from '../../src/ledger/index.ts';
import { JobNamer } from '../../src/ledger/name-jobs.ts';
import { job } from '../support/jobs.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { World } from '../support/world.ts';

/** A storage whose jobs have no names. */
class UnnamedJobs extends MemoryStore {
  readonly steps: string[][];

  constructor(steps: string[][]) {
    super();
    this.steps = steps;
  }

  override async *listUnnamed(): AsyncGenerator<string[]> {
    yield* this.steps;
  }
}

const ids = Array.from({ length: 45 }, (_, n) => `job_${n}`);

test('names jobs at the same time, but not all at once', async () => {
  const named: string[] = [];
  let open = 0;
  let most = 0;
  const namer = new JobNamer(new UnnamedJobs([ids.slice(0, 20), ids.slice(20)]), async (id) => {
    most = Math.max(most, ++open);
    await new Promise(setImmediate);
    named.push(id);
    open -= 1;
  });
  await Promise.all([namer.waitUntilNamed(), namer.waitUntilNamed()]);
  expect(named.toSorted()).toEqual(ids.toSorted());
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(10);
});

test('refuses as busy a caller that has waited for long, and continues without it', async () => {
  const gate = Promise.withResolvers<void>();
  const named: string[] = [];
  const name = async (id: string): Promise<void> => {
    await gate.promise;
    named.push(id);
  };
  const namer = new JobNamer(new UnnamedJobs([ids]), name, 5);
  await expect(namer.waitUntilNamed()).rejects.toThrow(Busy);
  await expect(namer.waitUntilNamed()).rejects.toMatchObject({ code: 'busy', retryable: true });
  gate.resolve();
  await namer.checkAll();
  expect(named).toEqual(ids);
  await namer.waitUntilNamed();
  expect(named).toEqual(ids);
});

test('lists unreadable jobs until they are restored or deleted, and no deleted one', async () => {
  const trouble = new Map<string, Error>([
    ['job_0', new CorruptRecord('torn')],
    ['job_1', new NotFound('job')],
    ['job_2', new CorruptRecord('torn')],
  ]);
  const namer = new JobNamer(new UnnamedJobs([ids]), async (id) => {
    const error = trouble.get(id);
    if (error) throw error;
  });
  await namer.waitUntilNamed();
  expect([...namer.unreadable]).toEqual(['job_0', 'job_2']);
  trouble.delete('job_0');
  await namer.waitUntilNamed();
  expect([...namer.unreadable]).toEqual(['job_2']);
  expect(await namer.nameJobs(['job_2'])).toBe(false);
  expect(await namer.nameJobs(['job_2', 'job_5'])).toBe(true);
});

test('starts again after an outage', async () => {
  let isAway = true;
  const namer = new JobNamer(new UnnamedJobs([ids]), async () => {
    if (isAway) throw new LedgerUnavailable('gone');
  });
  await expect(namer.waitUntilNamed()).rejects.toThrow(LedgerUnavailable);
  isAway = false;
  await namer.waitUntilNamed();
});

test('two lists at the same time do not share their unreadable jobs', async () => {
  const { ledger, store } = new World();
  await createJob(ledger, 'job_00000000000000000000', job());
  for (const id of ['job_1', 'job_2']) {
    const index = { createdAt: 1, active: true };
    await store.commit(id, {
      expected: [],
      writes: [
        ['job', '{'],
        ['spec', '{'],
      ],
      index,
    });
  }
  // Its record decodes, but lacks fields.
  const progress = { state: 'running', settled: 0, best: null } as const;
  const index = { createdAt: 1, active: true, progress, names: { name: 'x', labels: {} } };
  await store.commit('job_3', {
    expected: [],
    writes: [
      ['job', '{'],
      ['spec', '{'],
    ],
    index,
  });
  const pages = await Promise.all([1, 2, 3].map(async () => listJobs(ledger, { limit: 9 })));
  for (const { unreadable } of pages) expect(unreadable.toSorted()).toEqual(['job_1', 'job_2', 'job_3']);
});

test('keeps what is unreadable while callers name jobs at the same time', async () => {
  const gate = Promise.withResolvers<void>();
  const namer = new JobNamer(new UnnamedJobs([['job_0']]), async (id) => {
    if (id === 'job_0' && namer.unreadable.has('job_0')) await gate.promise;
    throw new CorruptRecord('torn');
  });
  await namer.waitUntilNamed();
  const waiting = namer.waitUntilNamed();
  expect(await namer.nameJobs(['job_1'])).toBe(false);
  gate.resolve();
  await waiting;
  expect([...namer.unreadable]).toEqual(['job_0', 'job_1']);
});

test('a list names the jobs that stay without names as possibly missing', async () => {
  const store = new MemoryStore();
  const find = store.find.bind(store);
  store.find = async (query) => ({ ...(await find(query)), unnamed: ['job_changing'] });
  const { unreadable } = await new Ledger(store).findJobs({
    filter: {},
    order: { key: 'createdAt', isDescending: true },
    limit: 1,
  });
  expect(unreadable).toEqual(['job_changing']);
});
