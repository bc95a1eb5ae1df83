import { expect, test } from 'vitest';
import { call, startService, validJob } from './support.ts';
import { startTraining } from './train.ts';
import { create } from './work.ts';

test('points of b-functions are limited by what they cost', async () => {
  const service = await startService();
  const { app } = service;
  const activations = Array.from({ length: 40 }, (_, i) => `act${i}`);
  const layers = activations.flatMap((name, i) => [
    { type: 'dense', name: `dense${i}`, units: 4 },
    { type: 'activation', name, function: 'tanh' },
  ]);
  const formula = `depth${'+exp(z)'.repeat(65)}`;
  const objective = {
    ...validJob.objective,
    network: { layers: [...layers, { type: 'dense', name: 'out', units: 2 }] },
    backward: [{ layer: activations, derivative: { kind: 'expression', formula } }],
  };
  const space = { rate: { at: '/optimizer/learningRate', type: 'float', low: 0.01, high: 1 } };
  const id = await create(app, { ...validJob, objective, space });
  const url = `/v1/jobs/${id}/trials/0/b-function`;
  await startTraining(service, id);
  const refused = await call(app, 'GET', `${url}?points=2001`);
  expect(refused.status).toBe(422);
  const [problem] = refused.body.problems;
  expect(problem).toMatchObject({ in: 'query', pointer: '/points' });
  const most = Number(/must be at most (\d+), .*send fewer points/.exec(problem.message)?.[1]);
  const { status, body } = await call(app, 'GET', `${url}?points=${most}`);
  expect(status).toBe(200);
  expect(body.functions).toHaveLength(40);
  // The default is what may be computed.
  expect(most).toBeLessThan(201 * 2);
  expect((await call(app, 'GET', url)).body.functions[0].z).toHaveLength(Math.min(most, 201));
});
