import { expect, test, vi } from 'vitest';
import { call, externalJob, startService } from './support.ts';
import { create, work } from './work.ts';

test('the curves of several trials come in one answer, in the order of the request', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  await work(app, id, ({ depth }) => depth!, 2);
  const { status, body } = await call(app, 'GET', `/v1/jobs/${id}/curves?trials=1,99,0,1`);
  expect(status).toBe(200);
  expect(body.items).toEqual(['1', '0'].map((trial) => ({ trial, steps: [1, 2], values: [1, 0.5] })));
});

test('the curve of a running trial is what its attempt has reported', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  const attempt = '018f0000-0000-4000-8000-000000000001';
  const { body: asked } = await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt, lease: '1h', wait: '5s' });
  for (const [step, value] of [
    [1, 0.5],
    [4, 0.25],
  ])
    await call(app, 'POST', `/v1/jobs/${id}/trials/${asked.trial}/heartbeat`, { attempt, progress: { step, value } });
  const { body } = await call(app, 'GET', `/v1/jobs/${id}/curves?trials=${asked.trial}`);
  expect(body.items).toEqual([{ trial: asked.trial, steps: [1, 4], values: [0.5, 0.25] }]);
});

test('at most 100 curves are read at once, and only of ids', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  const many = Array.from({ length: 101 }, (_, i) => i).join(',');
  for (const trials of [many, '', 'x', '1,,2'])
    expect((await call(app, 'GET', `/v1/jobs/${id}/curves?trials=${trials}`)).status).toBe(422);
});

test('eight reads of curves are served at once; another one is refused for a moment', async () => {
  const { app, ledger } = await startService();
  const id = await create(app, externalJob);
  await work(app, id, ({ depth }) => depth!, 2);
  const read = ledger.readCurves.bind(ledger);
  const slow = Promise.withResolvers<void>();
  const reading = vi.spyOn(ledger, 'readCurves').mockImplementation(async (...args) => {
    await slow.promise;
    return read(...args);
  });
  const address = `${await app.listen({ host: '127.0.0.1', port: 0 })}/v1/jobs/${id}/curves?trials=0`;
  const eight = Array.from({ length: 8 }, async () => (await fetch(address)).status);
  await vi.waitFor(() => expect(reading).toHaveBeenCalledTimes(8), 10_000);
  const ninth = await fetch(address);
  expect([ninth.status, Number(ninth.headers.get('retry-after')) > 0]).toEqual([503, true]);
  slow.resolve();
  expect(await Promise.all(eight)).toEqual(Array.from({ length: 8 }, () => 200));
  await vi.waitFor(async () => expect((await fetch(address)).status).toBe(200), 10_000);
});
