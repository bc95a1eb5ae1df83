import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { encodeCurve } from '@gradsmith/core/domain';
import { describe, expect, test } from 'vitest';
import { call, externalJob, startService, validJob } from './support.ts';
import { create } from './work.ts';

/** Creates a job of at most `maxParallelism` trials at once and starts its first trial. */
async function startFirstTrial(lease = '60s', maxParallelism = 2) {
  const { app, ledger, store } = await startService();
  const id = await create(app, { ...externalJob, search: { ...externalJob.search, maxParallelism } });
  const attempt = randomUUID();
  const { body } = await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt, lease, wait: '5s', worker: 'me' });
  const operation = async (name: string, more: object = {}) =>
    (await call(app, 'POST', `/v1/jobs/${id}/trials/${body.trial}/${name}`, { attempt, ...more })).body;
  const trial = async () => (await call(app, 'GET', `/v1/jobs/${id}/trials/${body.trial}`)).body;
  return { app, ledger, store, id, attempt, body, operation, trial };
}

describe('an external program', () => {
  test('asks, reports, tells; each call repeated gets the same answer', async () => {
    const { app, id, attempt, body, operation, trial } = await startFirstTrial();
    expect(body).toMatchObject({
      answer: 'trial',
      trial: '0',
      number: 0,
      seed: 5,
      attempt,
      lease: '60s',
      leaseMs: 60_000,
      heartbeatEvery: '15s',
      heartbeatEveryMs: 15_000,
    });
    expect(Object.keys(body.point).sort()).toEqual(['criterion', 'depth', 'share']);
    expect((await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt })).body.trial).toBe('0');
    const progress = { step: 3, value: 0.7 };
    for (let i = 0; i < 2; i++) expect(await operation('heartbeat', { progress })).toEqual({ answer: 'continue' });
    expect(await trial()).toMatchObject({ state: 'running', progress, attempts: [{ worker: 'me' }] });
    expect(await operation('tell', { value: 0.9, metrics: { f1: 0.8 } })).toEqual({ answer: 'reported' });
    expect(await operation('tell', { value: 0.9, metrics: { f1: 0.8 } })).toEqual({ answer: 'already' });
    expect(await operation('tell', { value: 0.8 })).toMatchObject({
      status: 409,
      code: 'result-conflict',
      answer: 'conflict',
    });
    expect(await operation('heartbeat')).toEqual({ answer: 'stale' });
    expect(await trial()).toMatchObject({ state: 'complete', value: 0.9, metrics: { f1: 0.8 } });
  });

  test('gets no trial after it hung up', async () => {
    const { app, id, operation, trial } = await startFirstTrial();
    await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt: randomUUID(), wait: '5s' });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const asked = fetch(`${url}/v1/jobs/${id}/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ attempt: randomUUID(), wait: '10s' }),
      signal: AbortSignal.timeout(200),
    });
    await expect(asked).rejects.toThrow('timeout');
    const countConnections = async () => promisify(app.server.getConnections.bind(app.server))();
    await expect.poll(countConnections, { timeout: 10_000 }).toBe(0);
    expect(await operation('release')).toEqual({ answer: 'released' });
    await delay(600);
    expect(await trial()).toMatchObject({ state: 'pending', attempts: [{ outcome: 'released' }] });
  });

  test('gets parameters and reports metrics with the names of object properties', async () => {
    const { app } = await startService();
    const space = {
      constructor: { type: 'float', low: 0, high: 1 },
      toString: { type: 'categorical', choices: ['constructor', 'toString'] },
      prototype: { type: 'int', low: 0, high: 9 },
    };
    const id = await create(app, { ...externalJob, space, labels: { constructor: 'a' } });
    const attempt = randomUUID();
    const { body } = await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt, wait: '5s' });
    expect(Object.keys(body.point).sort()).toEqual(['constructor', 'prototype', 'toString']);
    const report = { attempt, value: 1, metrics: { constructor: 2, valueOf: 3 } };
    expect((await call(app, 'POST', `/v1/jobs/${id}/trials/0/tell`, report)).body).toEqual({ answer: 'reported' });
    expect((await call(app, 'GET', `/v1/jobs/${id}/status`)).body.best.point).toEqual(body.point);
    expect((await call(app, 'GET', '/v1/jobs?label=constructor:a')).body.items).toHaveLength(1);
    expect((await call(app, 'GET', '/v1/jobs?label=constructor:b')).body.items).toEqual([]);
  });

  test('reports each step once: repeated, earlier and impossible steps change nothing', async () => {
    const { app, id, attempt, operation, trial } = await startFirstTrial();
    const report = async (step: number, value: number) =>
      (await operation('heartbeat', { progress: { step, value } })).answer;
    expect(await report(5, 0.5)).toBe('continue');
    for (const [step, value] of [
      [5, 0.5],
      [5, 0.9],
      [3, 0.9],
    ] as const) {
      expect(await report(step, value)).toBe('continue');
      expect((await trial()).progress).toEqual({ step: 5, value: 0.5 });
    }
    const refused: [string, string, number?][] = [
      ['{"step":9007199254740992,"value":1}', '/progress/step'],
      ['{"step":-1,"value":1}', '/progress/step'],
      ['{"step":6,"value":null}', '/progress/value'],
      ['{"step":6,"value":NaN}', '/progress/value', 400],
    ];
    for (const [progress, pointer, status = 422] of refused) {
      const response = await app.inject({
        method: 'POST',
        url: `/v1/jobs/${id}/trials/0/heartbeat`,
        headers: { 'content-type': 'application/json' },
        payload: `{"attempt":"${attempt}","progress":${progress}}`,
      });
      expect([response.statusCode, response.json().problems[0].pointer]).toEqual([status, pointer]);
    }
    expect(await report(Number.MAX_SAFE_INTEGER, 1)).toBe('continue');
    expect((await trial()).progress).toEqual({ step: Number.MAX_SAFE_INTEGER, value: 1 });
    const { body } = await call(app, 'GET', `/v1/jobs/${id}/trials/0`);
    const values = [
      { step: 5, value: 0.5 },
      { step: Number.MAX_SAFE_INTEGER, value: 1 },
    ];
    expect(body).toMatchObject({ state: 'running', curve: [], attempts: [{ outcome: 'running', values, losses: [] }] });
  });

  test('completes a trial that was asked to stop, and the trial counts in full', async () => {
    const { app } = await startService();
    const id = await create(app, { ...externalJob, search: { ...externalJob.search, pruning: 'asha' } });
    const attempts = [randomUUID(), randomUUID()];
    const trials: string[] = [];
    const send = async (i: number, operation: string, more: object) =>
      (await call(app, 'POST', `/v1/jobs/${id}/trials/${trials[i]}/${operation}`, { attempt: attempts[i], ...more }))
        .body;
    for (const attempt of attempts)
      trials.push((await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt, wait: '5s' })).body.trial);
    expect(await send(0, 'heartbeat', { progress: { step: 1, value: 0.9 } })).toEqual({ answer: 'continue' });
    expect(await send(1, 'heartbeat', { progress: { step: 1, value: 0.1 } })).toEqual({ answer: 'prune' });
    expect(await send(0, 'tell', { value: 0.9 })).toEqual({ answer: 'reported' });
    expect(await send(1, 'tell', { value: 0.95 })).toEqual({ answer: 'reported' });
    const { body } = await call(app, 'GET', `/v1/jobs/${id}/status`);
    expect(body).toMatchObject({ counts: { complete: 2, pruned: 0 }, best: { value: 0.95 } });
  });

  test('fails its trial with a reason if it tells no finite number', async () => {
    const { app, id, attempt, operation, trial } = await startFirstTrial();
    const nan = await app.inject({
      method: 'POST',
      url: `/v1/jobs/${id}/trials/0/tell`,
      headers: { 'content-type': 'application/json' },
      payload: `{"attempt":"${attempt}","value":NaN}`,
    });
    expect(nan.statusCode).toBe(400);
    // The same again after a lost reply.
    for (let i = 0; i < 2; i++) expect(await operation('tell', { value: null })).toEqual({ answer: 'failed' });
    expect(await operation('tell', { value: 1 })).toMatchObject({ status: 409, answer: 'stale' });
    expect(await trial()).toMatchObject({ state: 'failed', reason: 'the program reported no finite value' });
    expect(await call(app, 'POST', `/v1/jobs/${id}/trials/0/retry`)).toMatchObject({
      status: 202,
      body: { added: true },
    });
  });

  test('cannot tell a curve that does not fit into float32; one that was stored earlier can be read', async () => {
    const { app, id, attempt, operation, trial, store } = await startFirstTrial();
    expect(
      await call(app, 'POST', `/v1/jobs/${id}/trials/0/tell`, { attempt, value: 1, curve: [1, 1e39] }),
    ).toMatchObject({
      status: 422,
      body: { problems: [{ pointer: '/curve/1', message: expect.stringContaining('at most 3.4e38 in size') }] },
    });
    expect(await operation('tell', { value: 1, curve: [1, -3.4e38] })).toEqual({ answer: 'reported' });
    expect((await trial()).curve).toEqual([1, Math.fround(-3.4e38)]);
    await store.commit(id, { expected: [], writes: [['curve:0', encodeCurve([1, 1e39, -1e39])]] });
    expect(await trial()).toMatchObject({
      state: 'complete',
      curve: [1, 3.4028234663852886e38, -3.4028234663852886e38],
    });
  });

  test('can tell the longest curve that is allowed, whatever its values', async () => {
    const { app, id, attempt, operation, trial } = await startFirstTrial();
    // No number is longer as JSON.
    const curve = Array.from({ length: 40_000 }, () => -0.0000012345678901234567);
    expect(
      await call(app, 'POST', `/v1/jobs/${id}/trials/0/tell`, { attempt, value: 1, curve: [...curve.fill(1), 1] }),
    ).toMatchObject({
      status: 422,
      body: { problems: [{ pointer: '/curve' }] },
    });
    expect(await operation('tell', { value: 1, curve: curve.fill(-0.0000012345678901234567) })).toEqual({
      answer: 'reported',
    });
    expect((await trial()).curve).toHaveLength(40_000);
  });

  test('releases, fails and prunes trials', async () => {
    const released = await startFirstTrial();
    expect(await released.operation('release', { reason: 'spot instance lost' })).toEqual({ answer: 'released' });
    expect(await released.trial()).toMatchObject({ state: 'pending', attempts: [{ outcome: 'released' }] });
    const failed = await startFirstTrial();
    expect(await failed.operation('fail', { reason: 'out of memory' })).toEqual({ answer: 'retry' });
    expect(await failed.trial()).toMatchObject({
      state: 'pending',
      attempts: [{ outcome: 'failed', reason: 'out of memory' }],
    });
    const pruned = await startFirstTrial();
    expect(await pruned.operation('tell', { outcome: 'pruned', value: 0.1 })).toEqual({ answer: 'reported' });
    expect(await pruned.trial()).toMatchObject({ state: 'pruned' });
  });

  test('has its pruned trials listed after the others by value, because their value is a bound', async () => {
    const { app, id } = await startFirstTrial();
    for (const [outcome, value] of [
      ['complete', 0.9],
      ['pruned', 0.1],
      ['complete', 0.7],
    ] as const) {
      const attempt = randomUUID();
      const { body } = await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt, lease: '60s', wait: '5s' });
      await call(app, 'POST', `/v1/jobs/${id}/trials/${body.trial}/tell`, { attempt, outcome, value });
    }
    const values = async (sort: string): Promise<number[]> =>
      (await call(app, 'GET', `/v1/jobs/${id}/trials?sort=${sort}`)).body.items.map(
        ({ value }: { value: number | null }) => value,
      );
    expect((await values('value')).filter((value) => value !== null)).toEqual([0.7, 0.9, 0.1]);
    expect((await values('-value')).filter((value) => value !== null)).toEqual([0.9, 0.7, 0.1]);
  });

  test('loses its trial to another program if it sends no heartbeat, and gets the answer stale', async () => {
    // There is no other trial that a program could get.
    const { app, id, operation } = await startFirstTrial('1s', 1);
    const other = randomUUID();
    const askOther = async () => (await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt: other, wait: '5s' })).body;
    await expect.poll(askOther, { timeout: 30_000 }).toMatchObject({ answer: 'trial', trial: '0' });
    expect(await operation('heartbeat')).toEqual({ answer: 'stale' });
    expect(await operation('tell', { value: 1 })).toMatchObject({ status: 409, code: 'stale', answer: 'stale' });
  }, 40_000);

  test('gets the answer cancel if its job was cancelled', async () => {
    const { app, id, operation } = await startFirstTrial();
    await call(app, 'POST', `/v1/jobs/${id}/cancel`);
    expect(await operation('heartbeat')).toEqual({ answer: 'cancel' });
    expect(await operation('tell', { value: 1 })).toMatchObject({ status: 409, code: 'stale', answer: 'stale' });
    expect((await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt: randomUUID(), wait: '5s' })).body).toEqual({
      answer: 'finished',
      state: 'cancelled',
    });
  });

  test('cannot start or complete trials of a job that workers train', async () => {
    const { app } = await startService();
    const id = await create(app, validJob);
    const attempt = randomUUID();
    expect((await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt })).status).toBe(409);
    expect((await call(app, 'POST', `/v1/jobs/${id}/trials/reference/tell`, { attempt, value: 0 })).status).toBe(409);
  });

  test.each([
    [
      'places in an objective it does not have',
      { space: { depth: { type: 'int', low: 1, high: 3, at: '/optimizer/rho' } } },
      '/space/depth/at',
    ],
    ['a confirmation', { confirm: { top: 1, seeds: 2 } }, '/confirm'],
    ['no space', { space: {} }, '/space'],
    [
      'a known result that is not in the space',
      { search: { trials: 3, known: [{ point: { depth: 99 }, value: 1 }] } },
      '/search/known/0/point',
    ],
  ])('a job with %s is refused', async (_, change, pointer) => {
    const { app } = await startService();
    const { status, body } = await call(app, 'POST', '/v1/jobs', { ...externalJob, ...change });
    expect(status).toBe(422);
    expect(body.problems[0].pointer).toBe(pointer);
  });
});
