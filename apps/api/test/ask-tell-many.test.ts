import { randomUUID } from 'node:crypto';
import { Gradsmith } from '@gradsmith/client';
import { describe, expect, test } from 'vitest';
import { call, externalJob, startService, validJob, type TestApi } from './support.ts';
import { create } from './work.ts';

const job = { ...externalJob, search: { ...externalJob.search, maxParallelism: 6 } };

interface Batch extends TestApi {
  id: string;
  post(operation: string, body: object): ReturnType<typeof call>;
  /** Asks until as many trials as attempts have started. */
  askAll(attempts: readonly string[]): Promise<{ trial: string; attempt: string; point: object }[]>;
}

async function startBatch(spec: object = job): Promise<Batch> {
  const api = await startService();
  const id = await create(api.app, spec);
  const post = async (operation: string, body: object) => call(api.app, 'POST', `/v1/jobs/${id}/${operation}`, body);
  return {
    ...api,
    id,
    post,
    async askAll(attempts) {
      for (;;) {
        const { body } = await post('ask-many', { attempts, wait: '5s' });
        if (body.items?.length === attempts.length) return body.items;
      }
    },
  };
}

const makeIds = (count: number) => Array.from({ length: count }, () => randomUUID());

describe('asking for several trials', () => {
  test('starts as many as are free, and the same ones again for the same attempts', async () => {
    const { id, post, askAll } = await startBatch({ ...job, search: { ...job.search, maxParallelism: 3 } });
    const attempts = makeIds(3);
    const items = await askAll(attempts);
    expect(items.map(({ attempt }) => attempt)).toEqual(attempts);
    expect(new Set(items.map(({ trial }) => trial)).size).toBe(3);
    const again = await post('ask-many', { attempts: [...attempts.toReversed(), randomUUID()] });
    expect(again.body.answer).toBe('trials');
    expect(again.body.items.toReversed()).toEqual(items);
    expect(items[0]).toMatchObject({ leaseMs: 60_000, heartbeatEveryMs: 15_000, lease: '60s' });
    expect((await post('ask-many', { attempts: makeIds(1) })).body).toEqual({
      answer: 'wait',
      state: 'running',
      retryAfter: '1s',
      retryAfterMs: 1_000,
    });
    expect((await post('cancel', {})).body.id).toBe(id);
    expect((await post('ask-many', { attempts })).body).toEqual({ answer: 'finished', state: 'cancelled' });
  });

  test('refuses a UUID twice, more than 100, and jobs that workers execute', async () => {
    const { app, post } = await startBatch();
    const [one] = makeIds(1);
    expect((await post('ask-many', { attempts: [one, one] })).body.problems[0].pointer).toBe('/attempts');
    expect((await post('ask-many', { attempts: makeIds(101) })).status).toBe(422);
    const training = await create(app, validJob);
    for (const [operation, body] of [
      ['ask-many', { attempts: [one] }],
      ['tell-many', { results: [{ trial: '0', attempt: one, value: 1 }] }],
    ] as const)
      expect((await call(app, 'POST', `/v1/jobs/${training}/${operation}`, body)).status).toBe(409);
  });
});

describe('reporting several results', () => {
  test('answers each on its own, in one commit, and the same again after a lost reply', async () => {
    const { app, id, ledger, post, askAll } = await startBatch();
    const items = await askAll(makeIds(6));
    const results = items.map(({ trial, attempt }, i) => ({ trial, attempt, value: i === 1 ? null : i }));
    results[2]!.attempt = randomUUID();
    const answersOf = ({ body }: { body: { items: { answer: string }[] } }) => body.items.map(({ answer }) => answer);
    const before = ledger.counts.committed;
    const first = await post('tell-many', { results: [...results.slice(0, 4), { ...results[4]!, trial: '99' }] });
    expect(first.status).toBe(200);
    expect(answersOf(first)).toEqual(['reported', 'failed', 'stale', 'reported', 'not-found']);
    expect(first.body.refused).toBe(2);
    expect(ledger.counts.committed - before).toBe(1);
    const changed = [results[0]!, { ...results[3]!, value: 7 }, results[4]!, results[5]!];
    expect(answersOf(await post('tell-many', { results: changed }))).toEqual([
      'already',
      'conflict',
      'reported',
      'reported',
    ]);
    const { counts } = (await call(app, 'GET', `/v1/jobs/${id}/status`)).body;
    expect(counts).toMatchObject({ complete: 4, failed: 1, running: 1 });
    const last = { ...results[1]!, trial: '99' };
    const again = await post('tell-many', { results: [results[0]!, results[1]!, results[1]!, last] });
    expect(answersOf(again)).toEqual(['already', 'failed', 'failed', 'not-found']);
    expect(again.body.refused).toBe(1);
  });

  test('stores nothing if one result is not valid, and names the place', async () => {
    const constrained = { ...job, constraints: [{ metric: 'latency', max: 2 }] };
    const { app, id, post, askAll } = await startBatch(constrained);
    const items = await askAll(makeIds(3));
    const valid = items.map(({ trial, attempt }) => ({ trial, attempt, value: 1, metrics: { latency: 1 } }));
    const tell = async (change: object) =>
      post('tell-many', { results: [...valid.slice(0, 2), { ...valid[2], ...change }] });
    for (const [change, pointer] of [
      [{ metrics: {} }, '/results/2/metrics/latency'],
      [{ value: 'x' }, '/results/2/value'],
      [{ curve: [1, 1e300] }, '/results/2/curve/1'],
      [{ trial: '-1' }, '/results/2/trial'],
    ] as const) {
      const { status, body } = await tell(change);
      expect([status, body.problems[0].pointer]).toEqual([422, pointer]);
    }
    expect((await call(app, 'GET', `/v1/jobs/${id}/status`)).body.counts.complete).toBe(0);
    expect((await tell({})).body).toMatchObject({ refused: 0 });
  });

  test('is a call of the client', async () => {
    const { app, id } = await startBatch();
    const client = new Gradsmith({ url: await app.listen() });
    const attempts = makeIds(2);
    const asked = await client.askMany(id, { attempts, wait: '5s' });
    if (asked.answer !== 'trials') throw new Error(asked.answer);
    const told = await client.tellMany(
      id,
      asked.items.map(({ trial, attempt }) => ({ trial, attempt, value: 1 })),
    );
    expect(told.items.every(({ answer }) => answer === 'reported')).toBe(true);
  });
});
