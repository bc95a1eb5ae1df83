import { Gradsmith } from '@gradsmith/client';
import { expect, test, vi } from 'vitest';
import { call, externalJob, startService } from '../../api/test/support.ts';
import { create, work } from '../../api/test/work.ts';
import { rankRows } from '../src/job/report.ts';
import { TrialStore } from '../src/job/store.ts';
import { listen } from './page.ts';

const signal = new AbortController().signal;

async function setUp() {
  const { app } = await startService();
  const api = new Gradsmith({ url: await listen(app) });
  const id = await create(app, { ...externalJob, search: { ...externalJob.search, trials: 12 } });
  const store = new TrialStore();
  const refresh = async (): Promise<void> =>
    store.refresh(api, (await api.statusIfChanged(id, null, signal))!.status, signal, () => {});
  return { app, api, id, store, refresh };
}

test('follows a job trial by trial, reading settled ones once', async () => {
  const { app, api, id, store, refresh } = await setUp();
  const changes = vi.spyOn(api, 'changedTrials');
  await work(app, id, ({ depth }) => depth!, 4);
  await refresh();
  expect(
    store.rows
      .slice(0, 4)
      .map(({ number, state, value, point }) => ({ number, state, equal: value === point['depth'] })),
  ).toEqual([0, 1, 2, 3].map((number) => ({ number, state: 'complete', equal: true })));
  await work(app, id, ({ depth }) => depth!);
  await refresh();
  expect(store.rows).toHaveLength(12);
  const { items } = await changes.mock.results.at(-1)!.value;
  expect(items.map(({ number }: { number: number }) => number).filter((number: number) => number < 4)).toEqual([]);
});

test('detects an invalidated trial', async () => {
  const { app, id, store, refresh } = await setUp();
  await work(app, id, ({ depth }) => depth!, 3);
  await refresh();
  await call(app, 'POST', `/v1/jobs/${id}/trials/1/invalidate`, { reason: 'wrong data' });
  await refresh();
  expect(store.rows[1]!.state).toBe('cancelled');
});

test('an unchanged status is recognized by its ETag', async () => {
  const { api, id } = await setUp();
  await vi.waitFor(async () => {
    const first = await api.statusIfChanged(id, null, signal);
    expect(await api.statusIfChanged(id, first!.etag, signal)).toBeNull();
  });
});

test('the best rows are the best complete ones, of equal ones the lower number first', () => {
  const row = (number: number, state: 'complete' | 'failed' | 'diverged', value: number | null) => ({
    number,
    state,
    value,
    point: {},
    source: 'model' as const,
    attempts: 1,
    reason: null,
    startedAt: null,
    finishedAt: null,
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
});
