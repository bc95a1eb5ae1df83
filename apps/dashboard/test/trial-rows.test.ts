import { Gradsmith } from '@gradsmith/client';
import { createLargeDocument, largeJobId } from '@gradsmith/testing';
import { expect, test, vi } from 'vitest';
import { call, externalJob, startService } from '../../api/test/support.ts';
import { create, work } from '../../api/test/work.ts';
import {
  listMarkedRows,
  mergeRows,
  rankRows,
  readAllRows,
  readChangedRows,
  type TrialRow,
} from '../src/data/trial-rows.ts';

const { signal } = new AbortController();

async function setUp() {
  const { app } = await startService();
  const api = new Gradsmith({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
  const job = await create(app, { ...externalJob, search: { ...externalJob.search, trials: 12 } });
  const readAll = async () =>
    readAllRows({ api, job, signal }, { seq: (await api.status(job)).seq, trials: 12 }, () => {});
  return { app, api, job, readAll };
}

test('reads a job and then only the trials that have moved', async () => {
  const { app, api, job, readAll } = await setUp();
  const changes = vi.spyOn(api, 'changedTrials');
  await work(app, job, ({ depth }) => depth!, 4);
  const first = await readAll();
  expect(
    first.rows
      .slice(0, 4)
      .map(({ number, state, value, point }) => ({ number, state, equal: value === point['depth'] })),
  ).toEqual([0, 1, 2, 3].map((number) => ({ number, state: 'complete', equal: true })));
  await work(app, job, ({ depth }) => depth!);
  const second = await readChangedRows({ api, job, signal }, first);
  expect(second.rows).toHaveLength(12);
  expect(second.rows.every(({ state }) => state === 'complete')).toBe(true);
  const { items } = await changes.mock.results.at(-1)!.value;
  expect(items.map(({ number }: { number: number }) => number).filter((number: number) => number < 4)).toEqual([]);
});

test('reads a job of several pages from both ends, each page once', async () => {
  const { app } = await startService();
  const api = new Gradsmith({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
  await call(app, 'POST', '/v1/jobs/import', createLargeDocument(4_300));
  const pages = vi.spyOn(api, 'selectTrialsPage');
  const { rows } = await readAllRows({ api, job: largeJobId, signal }, { seq: 1, trials: 4_300 }, () => {});
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 4_300 }, (_, i) => i));
  // Where both meet, a page may be read from both ends.
  expect(pages.mock.calls.length).toBeLessThanOrEqual(6);
});

test('if one end of a job cannot be read, the other end is not read any more', async () => {
  const { app } = await startService();
  const api = new Gradsmith({ url: await app.listen({ host: '127.0.0.1', port: 0 }), retryForMs: 0 });
  await call(app, 'POST', '/v1/jobs/import', createLargeDocument(4_300));
  const read = api.selectTrialsPage.bind(api);
  const pages = vi.spyOn(api, 'selectTrialsPage').mockImplementation(async (id, query, page, choice) => {
    if (query.sort === '-number') throw new Error('a broken connection');
    return read(id, query, page, choice);
  });
  const shown: number[] = [];
  const reading = readAllRows({ api, job: largeJobId, signal }, { seq: 1, trials: 4_300 }, ({ rows }) =>
    shown.push(rows.length),
  );
  await expect(reading).rejects.toThrow('a broken connection');
  await Promise.allSettled(pages.mock.results.map(({ value }) => value as Promise<unknown>));
  expect(pages.mock.calls.map(([, { sort }]) => sort)).toEqual(['number', '-number']);
  expect(shown).toEqual([]);
});

test('detects an invalidated trial', async () => {
  const { app, api, job, readAll } = await setUp();
  await work(app, job, ({ depth }) => depth!, 3);
  const first = await readAll();
  await call(app, 'POST', `/v1/jobs/${job}/trials/1/invalidate`, { reason: 'wrong data' });
  const second = await readChangedRows({ api, job, signal }, first);
  expect(second.rows[1]!.state).toBe('cancelled');
});

test('recognizes an unchanged status by its ETag', async () => {
  const { api, job } = await setUp();
  await vi.waitFor(async () => {
    const first = await api.statusIfChanged(job, null, signal);
    expect(await api.statusIfChanged(job, first!.etag, signal)).toBeNull();
  }, 10_000);
});

test('keeps the rows that it has if nothing of the search has changed', () => {
  const rows: readonly TrialRow[] = [];
  expect(mergeRows(rows, [])).toBe(rows);
});

test('ranks the complete trials, of equal ones the lower number first', () => {
  const row = (number: number, state: TrialRow['state'], value: number | null): TrialRow => ({
    number,
    state,
    value,
    feasible: null,
    metrics: {},
    point: {},
    source: 'model',
    attempts: 1,
    worker: null,
    reason: null,
    startedAt: null,
    finishedAt: null,
    tries: [],
  });
  const rows = [
    row(0, 'complete', 3),
    row(1, 'diverged', 0),
    row(2, 'complete', 1),
    row(3, 'failed', null),
    row(4, 'complete', 1),
    row(5, 'complete', 2),
  ];
  expect(rankRows(rows, 'minimize', 3).map(({ number }) => number)).toEqual([2, 4, 5]);
  expect(rankRows(rows, 'maximize', 2).map(({ number }) => number)).toEqual([0, 5]);
  const front = [5, 0, 2].map((number) => ({ trial: String(number), values: [1, 1] }));
  const pareto = { objectives: [], front, omitted: 0, hypervolume: 0, reference: null };
  expect(listMarkedRows(rows, { direction: 'minimize', pareto }, 2).map(({ number }) => number)).toEqual([0, 5]);
  expect(listMarkedRows(rows, { direction: 'minimize', pareto: null }, 1).map(({ number }) => number)).toEqual([2]);
});
