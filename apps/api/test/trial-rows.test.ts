import { toTrialRow } from '@gradsmith/contract';
import { createLargeDocument, largeJobId } from '@gradsmith/testing';
import { expect, test } from 'vitest';
import { call, externalJob, startApi, startService } from './support.ts';
import { create, work } from './work.ts';

test('lists trials as rows, with the columns that are wanted, page by page', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  await work(app, id, ({ depth }) => depth!, 3);
  const read = async (query: string) => (await call(app, 'GET', `/v1/jobs/${id}/trial-rows?${query}`)).body;
  const { items } = (await call(app, 'GET', `/v1/jobs/${id}/trials?state=complete`)).body;
  const page = await read('state=complete&limit=2');
  const parameters = Object.keys(externalJob.space);
  expect(page.columns).toEqual(['id', 'state', 'value', ...parameters.map((name) => `point.${name}`)]);
  const rest = await read(`state=complete&limit=2&cursor=${page.next}`);
  const rows = items.map((trial: { id: string; value: number; point: Record<string, unknown> }) => [
    trial.id,
    'complete',
    trial.value,
    ...parameters.map((name) => trial.point[name]),
  ]);
  expect([...page.rows, ...rest.rows]).toEqual(rows);
  expect(await read('state=complete&columns=number,settledAt&limit=1')).toMatchObject({
    columns: ['number', 'settledAt'],
    rows: [[0, Date.parse(items[0].settledAt)]],
  });
  for (const columns of ['id,none', 'point,point']) {
    const refused = await call(app, 'GET', `/v1/jobs/${id}/trial-rows?columns=${columns}`);
    expect([refused.status, refused.body.problems[0].pointer]).toEqual([422, '/columns']);
  }
});

test('a trial takes so little that 50,000 of them are at most 4 MB', async () => {
  const { app } = await startApi({ perMinute: 1e9 });
  const trials = 1_000;
  expect((await call(app, 'POST', '/v1/jobs/import', createLargeDocument(trials))).status).toBe(201);
  const { text, body } = await call(app, 'GET', `/v1/jobs/${largeJobId}/trial-rows?limit=${trials}`);
  expect(body.rows).toHaveLength(trials);
  // Later trials have longer numbers.
  expect((text.length / trials + 2) * 50_000).toBeLessThan(4_000_000);
});

test('a trial without a parameter has no value for it, whatever its name', () => {
  const row = toTrialRow({ point: { kind: 'a' } } as never, ['point'], ['kind', 'constructor', 'toString']);
  expect(row).toEqual(['a', null, null]);
});
