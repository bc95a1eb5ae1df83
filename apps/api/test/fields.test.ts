import { Gradsmith } from '@gradsmith/client';
import { describe, expect, test } from 'vitest';
import { call, callWith, externalJob, startApi, startService, type TestApi } from './support.ts';
import { create, work } from './work.ts';

/** A service with a job of 6 complete trials, and a client of it. */
async function startWithJob(): Promise<TestApi & { id: string; client: Gradsmith }> {
  const api = await startService();
  const id = await create(api.app, externalJob);
  await work(api.app, id, ({ depth }) => depth!);
  const url = await api.app.listen();
  return { ...api, id, client: new Gradsmith({ url }) };
}

async function readAll<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('fields', () => {
  test('chooses what a job, a trial and the items of lists have', async () => {
    const { app, id, client } = await startWithJob();
    const get = async (path: string) => (await call(app, 'GET', path)).body;
    expect(await get(`/v1/jobs/${id}?fields=state,spec.name,notes`)).toEqual({
      state: 'completed',
      spec: { name: 'forest' },
      notes: null,
    });
    const [{ best, ...job }] = (await get('/v1/jobs?fields=id,best.value,counts.complete')).items;
    expect([job, Object.keys(best)]).toEqual([{ id, counts: { complete: 6 } }, ['value']]);
    const trials = `/v1/jobs/${id}/trials`;
    const listed = await get(`${trials}?fields=value,id,point.depth&limit=2`);
    expect(listed).toEqual({
      items: ['0', '1'].map((trial) => ({
        id: trial,
        point: { depth: expect.any(Number) },
        value: expect.any(Number),
      })),
      next: expect.any(String),
    });
    const full = await get(`${trials}/0`);
    for (const fields of ['value,metrics', 'attempts,curve', 'state'])
      expect(await get(`${trials}/0?fields=${fields}`)).toEqual(
        Object.fromEntries(fields.split(',').map((name) => [name, full[name]])),
      );
    expect((await get(`${trials}/0?fields=attempts.outcome,attempts.worker`)).attempts).toEqual(
      full.attempts.map(({ outcome, worker }: Record<string, unknown>) => ({ outcome, worker })),
    );
    const [{ attempts }] = (await get(`${trials}?fields=attempts.outcome&limit=1`)).items;
    expect(attempts).toEqual([{ outcome: 'reported' }]);
    expect((await get(`${trials}?after=0&fields=id`)).items).toContainEqual({ id: '5' });
    expect((await get(`/v1/jobs/${id}/best?limit=1&fields=state`)).items).toEqual([{ state: 'complete' }]);

    const { spec } = await client.selectJob(id, { fields: ['spec.name'] });
    expect(spec.name).toBe('forest');
    const { point, value } = await client.selectTrial(id, '0', { fields: ['point', 'value'] });
    expect(point['depth']).toBe(value);
    const ids = await readAll(client.selectTrials(id, { state: 'complete' }, { fields: ['id'] }));
    expect(ids).toEqual(['0', '1', '2', '3', '4', '5'].map((trial) => ({ id: trial })));
    const states = await readAll(client.selectJobs({}, { fields: ['state'] }));
    expect(states).toEqual([{ state: 'completed' }]);
  });

  test('has a part of a field that is null as null', async () => {
    const { app } = await startApi();
    await create(app, externalJob);
    expect((await call(app, 'GET', '/v1/jobs?fields=best.value')).body.items).toEqual([{ best: null }]);
  });

  test('does not read the curve of a trial that is not asked for', async () => {
    const { app, id, ledger } = await startWithJob();
    ledger.readCurves = async () => Promise.reject(new Error('read a curve'));
    expect((await call(app, 'GET', `/v1/jobs/${id}/trials/0?fields=value`)).status).toBe(200);
    expect((await call(app, 'GET', `/v1/jobs/${id}/trials/0`)).status).toBe(500);
  });

  test('is refused with an unknown name, a name twice, or a part of what is no object', async () => {
    const { app } = await startApi();
    const id = await create(app, externalJob);
    for (const [path, fields, message] of [
      ['/trials', 'vlaue', 'not "vlaue". Did you mean value?'],
      ['/trials/0', 'id,vlaue', 'not "vlaue". Did you mean value?'],
      ['/trials/0', 'state,state', 'must not name state twice'],
      ['/trials', 'confirms.tial', 'Did you mean confirms.trial?'],
      ['/trials', 'value.x', 'must not name parts of value'],
      ['/trials', 'point.', 'must name a part of point after the dot'],
      ['/trials', '', 'the fields are id, role'],
      ['/trials', 'id,', 'the fields are id, role'],
      ['/trials', 'constructor', 'the fields are id, role'],
      ['/trials', 'attempts.outcom', 'Did you mean attempts.outcome?'],
      ['/trials/0', 'curve.0', 'must not name parts of curve'],
      ['', 'best.value', 'the fields are id, state'],
      ['', 'spec.serach', 'Did you mean spec.search?'],
    ]) {
      const { status, body } = await call(app, 'GET', `/v1/jobs/${id}${path}?fields=${fields}`);
      expect([status, body.problems[0].in, body.problems[0].pointer], fields).toEqual([422, 'query', '/fields']);
      expect(body.problems[0].message).toContain(message);
    }
  });

  test('gives each selection another entity tag', async () => {
    const { app } = await startApi();
    const id = await create(app, externalJob);
    const all = await call(app, 'GET', `/v1/jobs/${id}`);
    const some = await call(app, 'GET', `/v1/jobs/${id}?fields=state`);
    expect(some.headers.etag).not.toBe(all.headers.etag);
    const ask = async (url: string, tag: unknown) =>
      (await callWith(app, 'GET', url, { headers: { 'if-none-match': String(tag) } })).status;
    expect(await ask(`/v1/jobs/${id}?fields=state`, some.headers.etag)).toBe(304);
    expect(await ask(`/v1/jobs/${id}?fields=notes`, some.headers.etag)).toBe(200);
  });
});
