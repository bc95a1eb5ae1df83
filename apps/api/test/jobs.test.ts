import { encodeCurve } from '@gradsmith/core/domain';
import { acquireJobLease, advanceJobState } from '@gradsmith/core/jobs';
import { startTrial, createTrial, completeTrial, recordHeartbeat } from '@gradsmith/core/trials';
import { describe, expect, test } from 'vitest';
import { startApi, validJob } from './support.ts';

describe('POST /v1/jobs', () => {
  test('creates the job and answers its address', async () => {
    const { app } = await startApi();
    const response = await app.inject({ method: 'POST', url: '/v1/jobs', payload: validJob });
    expect(response.statusCode).toBe(201);
    const { id } = response.json();
    expect(response.headers.location).toBe(`/v1/jobs/${id}`);
    const status = (await app.inject(`/v1/jobs/${id}/status`)).json();
    expect(status).toMatchObject({ state: 'queued', budget: 4, settled: 0, best: null, reference: null });
    expect((await app.inject(`/v1/jobs/${id}`)).json().spec.search).toMatchObject({ trials: 4, algorithm: 'gp' });
  });

  test('with the same Idempotency-Key returns the same job; with another body it conflicts', async () => {
    const { app } = await startApi();
    const post = async (payload: object) =>
      app.inject({ method: 'POST', url: '/v1/jobs', payload, headers: { 'idempotency-key': 'k1' } });
    const [first, again] = [await post(validJob), await post(validJob)];
    expect([first.statusCode, again.statusCode]).toEqual([201, 200]);
    expect(again.json().id).toBe(first.json().id);
    const other = await post({ ...validJob, name: 'other' });
    expect(other.statusCode).toBe(409);
    expect(other.json().detail).toContain('Idempotency-Key');
    expect((await app.inject('/v1/jobs')).json().items).toHaveLength(1);
  });
});

test('creating or cloning a job that exists answers the name, labels and notes that it has now', async () => {
  const { app } = await startApi();
  const post = async (path: string, payload: object) =>
    app.inject({ method: 'POST', url: `/v1/jobs${path}`, payload, headers: { 'idempotency-key': `key${path}` } });
  const { id } = (await post('', validJob)).json();
  const clone = (await post(`/${id}/clone`, { name: 'clone' })).json();
  const payload = { labels: { owner: 'ada' }, notes: 'done' };
  await app.inject({ method: 'PATCH', url: `/v1/jobs/${id}`, payload: { ...payload, name: 'renamed' } });
  await app.inject({ method: 'PATCH', url: `/v1/jobs/${clone.id}`, payload: { ...payload, name: 'renamed-clone' } });
  for (const [again, of] of [
    [await post('', validJob), id],
    [await post(`/${id}/clone`, { name: 'clone' }), clone.id],
  ]) {
    expect(again.statusCode).toBe(200);
    expect(again.json()).toMatchObject((await app.inject(`/v1/jobs/${of}`)).json());
    expect(again.json()).toMatchObject({ notes: 'done', spec: { name: expect.stringContaining('renamed') } });
  }
});

describe('a job', () => {
  test('is listed with counts and best, filtered and page by page', async () => {
    const { app, ledger } = await startApi();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++)
      ids.unshift(
        (await app.inject({ method: 'POST', url: '/v1/jobs', payload: { ...validJob, name: `job-${i}` } })).json().id,
      );
    await app.inject({ method: 'POST', url: `/v1/jobs/${ids[2]}/cancel` });
    const pages = [];
    for (let cursor = ''; ;) {
      const page = (await app.inject(`/v1/jobs?limit=2${cursor && `&cursor=${cursor}`}`)).json();
      pages.push(page.items.map(({ id }: { id: string }) => id));
      if (!(cursor = page.next)) break;
    }
    expect(pages.flat().sort()).toEqual([...ids].sort());
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect((await app.inject('/v1/jobs?state=cancelled')).json().items.map(({ id }: { id: string }) => id)).toEqual([
      ids[2],
    ]);
    expect((await app.inject('/v1/jobs?name=job-4')).json().items).toHaveLength(1);
    await ledger.check();
  });

  test('is cancelled at once, and a second time without an error', async () => {
    const { app } = await startApi();
    const { id } = (await app.inject({ method: 'POST', url: '/v1/jobs', payload: validJob })).json();
    for (let i = 0; i < 2; i++) {
      // Many clients send the type of a body that they do not send.
      const response = await app.inject({
        method: 'POST',
        url: `/v1/jobs/${id}/cancel`,
        headers: { 'content-type': 'application/json' },
      });
      expect(response.statusCode).toBe(200);
      expect(response.json()).toMatchObject({ state: 'cancelled', phase: 'finished' });
    }
    const resumed = await app.inject({ method: 'POST', url: `/v1/jobs/${id}/resume` });
    expect(resumed.statusCode).toBe(409);
    expect(resumed.json().detail).toContain('cancelled');
  });

  test.each([
    ['POST', '/pause'],
    ['POST', '/cancel'],
    ['DELETE', ''],
  ] as const)('is not changed by %s %s with a field, which no such call has', async (method, move) => {
    const { app } = await startApi();
    const { id } = (await app.inject({ method: 'POST', url: '/v1/jobs', payload: validJob })).json();
    const before = (await app.inject(`/v1/jobs/${id}/status`)).json();
    const refused = await app.inject({ method, url: `/v1/jobs/${id}${move}`, payload: { reason: 'late' } });
    expect([refused.statusCode, refused.json().problems[0].pointer]).toEqual([422, '/reason']);
    expect((await app.inject(`/v1/jobs/${id}/status`)).json().seq).toBe(before.seq);
  });

  test('changes its name, labels, priority and notes, and nothing else', async () => {
    const { app } = await startApi();
    const { id } = (await app.inject({ method: 'POST', url: '/v1/jobs', payload: validJob })).json();
    const patch = async (payload: object) => app.inject({ method: 'PATCH', url: `/v1/jobs/${id}`, payload });
    const before = (await app.inject(`/v1/jobs/${id}/status`)).headers['etag'];
    const changed = await patch({ name: 'renamed', labels: { owner: 'ada' }, priority: 7, notes: 'a *note*' });
    expect([changed.statusCode, changed.json()]).toMatchObject([
      200,
      { id, spec: { name: 'renamed', labels: { owner: 'ada' }, priority: 7 }, notes: 'a *note*' },
    ]);
    expect((await app.inject('/v1/jobs?name=renamed')).json().items).toMatchObject([{ id, labels: { owner: 'ada' } }]);
    const status = await app.inject(`/v1/jobs/${id}/status`);
    expect(status.json().name).toBe('renamed');
    expect(status.headers['etag']).not.toBe(before);
    const cleared = await app.inject({
      method: 'PATCH',
      url: `/v1/jobs/${id}`,
      headers: { 'content-type': 'application/merge-patch+json' },
      payload: JSON.stringify({ labels: null, priority: null, notes: null }),
    });
    expect([cleared.statusCode, cleared.json()]).toMatchObject([
      200,
      { spec: { labels: {}, priority: 0 }, notes: null },
    ]);
    for (const [payload, pointer] of [
      [{ name: 'No Name' }, '/name'],
      [{ notes: 'x'.repeat(20_001) }, '/notes'],
      [{ priority: 101 }, '/priority'],
      [{ budget: 9 }, '/budget'],
      [{ labels: { 'a b': 'c' } }, '/labels/a b'],
      [{}, ''],
    ] as const) {
      const refused = await patch(payload);
      expect([refused.statusCode, refused.json().problems[0].pointer]).toEqual([422, pointer]);
    }
    expect(
      (await app.inject({ method: 'PATCH', url: '/v1/jobs/job_ffffffffffffffffffff', payload: { name: 'a' } }))
        .statusCode,
    ).toBe(404);
  });

  test('shows its trials and their curves', async () => {
    const { app, ledger } = await startApi();
    const { id } = (await app.inject({ method: 'POST', url: '/v1/jobs', payload: validJob })).json();
    const held = await acquireJobLease(ledger, id, 'test', 10_000);
    const fenced = { jobId: id, fence: held.kind === 'held' ? held.fence : -1 };
    await advanceJobState(ledger, fenced, 'start');
    const point = { 'relu2.u': 1, 'relu2.b': 0, 'relu2.v': 1, 'relu2.d': 0 };
    await createTrial(ledger, fenced, {
      id: '0',
      role: 'search',
      number: 0,
      confirms: null,
      point,
      seed: 0,
      source: { kind: 'initial', seenSeq: 0 },
    });
    const ref = { jobId: id, trialId: '0', attemptId: 'a' };
    await startTrial(ledger, ref, { worker: 'w', runtime: 'r' }, { leaseMs: 10_000 });
    await recordHeartbeat(ledger, ref, { step: 1, partialSum: 0.01 }, { leaseMs: 10_000 });
    const running = (await app.inject(`/v1/jobs/${id}/trials/0`)).json();
    expect(running.curve).toEqual([]);
    expect(running.attempts).toMatchObject([{ values: [], losses: [{ step: 1, value: expect.any(Number) }] }]);
    await completeTrial(ledger, ref, {
      outcome: 'complete',
      value: 0.5,
      metrics: { 'final-loss': 0.25 },
      curve: encodeCurve([1, 0.5]),
      provenance: {},
    });
    const list = (await app.inject(`/v1/jobs/${id}/trials`)).json();
    expect(list.items).toHaveLength(1);
    expect(list.items[0]).toMatchObject({
      id: '0',
      state: 'complete',
      value: 0.5,
      point,
      attempts: [{ outcome: 'reported', worker: 'w' }],
    });
    expect((await app.inject(`/v1/jobs/${id}/trials/0`)).json().curve).toEqual([1, 0.5]);
    expect((await app.inject(`/v1/jobs/${id}/trials/7`)).statusCode).toBe(404);
  });
});
