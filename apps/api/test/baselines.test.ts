import { expect, test } from 'vitest';
import { call, startService, validJob } from './support.ts';
import { train } from './train.ts';
import { create } from './work.ts';

const confirm = { top: 1, seeds: 2, against: ['backpropagation', 'constant', 'learning-rate'], budget: 2 };

test('a job with baselines: status, trials by id and role, CSV, and an import of its document', async () => {
  const service = await startService();
  const { app } = service;
  const id = await create(app, { ...validJob, search: { trials: 2 }, confirm });
  await train(service, id, (trial) => (trial.includes('constant') ? 0.5 : 1));
  const { body: status } = await call(app, 'GET', `/v1/jobs/${id}/status`);
  expect(status).toMatchObject({ state: 'completed', budget: 2, settled: 2, counts: { complete: 2 } });
  const pairs = [0, 1].map((seedIndex) => ({ seedIndex, gain: -0.5 }));
  expect(status.baselines).toMatchObject([
    {
      name: 'constant',
      budget: 2,
      settled: 2,
      best: { trial: 'constant-0', value: 0.5 },
      gain: { mean: 0.5, seeds: 2, interval: [0.5, 0.5] },
      confirmed: [{ trial: '0', seeds: 2, meanGain: -0.5, gains: pairs }],
    },
    { name: 'learning-rate', confirmed: [{ meanGain: 0 }] },
  ]);
  const { body: trial } = await call(app, 'GET', `/v1/jobs/${id}/trials/confirm-learning-rate-1`);
  expect(trial).toMatchObject({ baseline: 'learning-rate', confirms: { trial: 'learning-rate-0', seedIndex: 1 } });
  const { body: tuning } = await call(app, 'GET', `/v1/jobs/${id}/trials?role=baseline&sort=-number`);
  const ids = ['learning-rate-1', 'learning-rate-0', 'constant-1', 'constant-0'];
  expect(tuning.items.map((item: { id: string }) => item.id)).toEqual(ids);
  expect((await call(app, 'GET', `/v1/jobs/${id}/trials/constant-0/b-function`)).status).toBe(200);
  const { text } = await call(app, 'GET', `/v1/jobs/${id}/trials.csv`);
  expect(text.split('\r\n')[0]).toContain(',point.constant,point.learningRate');
  const { body: document } = await call(app, 'GET', `/v1/jobs/${id}/export`);
  const other = await startService();
  expect((await call(other.app, 'POST', '/v1/jobs/import', document)).status).toBe(201);
  const { body: again } = await call(other.app, 'GET', `/v1/jobs/${id}/status`);
  expect(again.baselines).toEqual(status.baselines);
});

test('a job that cannot be compared with the baselines it asks for is refused with the reason', async () => {
  const { app } = await startService();
  const objective = { ...validJob.objective, backward: [] };
  const space = { rate: { at: '/optimizer/learningRate', type: 'float', low: 0.01, high: 1 } };
  const { status, body } = await call(app, 'POST', '/v1/jobs', { ...validJob, objective, space, confirm });
  expect(status).toBe(422);
  expect(JSON.stringify(body)).toContain('replaces no derivative');
});
