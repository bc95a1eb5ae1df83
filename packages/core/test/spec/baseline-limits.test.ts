import { expect, test } from 'vitest';
import { listBaselineLimits, parseJob, type TrainingJob } from '../../src/spec/index.ts';
import { jobInput } from '../support/jobs.ts';

function listLimits(objective: object, against: string[] = ['backpropagation', 'constant', 'learning-rate']): string[] {
  const changed = { ...jobInput.objective, ...objective };
  const spec = parseJob({ ...jobInput, objective: changed, confirm: { top: 1, seeds: 2, against, budget: 9 } });
  return listBaselineLimits(spec as TrainingJob);
}

const SGD = { name: 'sgd', learningRate: 0.3 };
const layers = ['relu1', 'relu2'].map((layer) => ({ layer, derivative: { kind: 'meta-network' } }));

test('names the budgets and the ranges', () => {
  expect(listLimits({ optimizer: SGD })[0]).toBe(
    'The b-function had 6 trials and each baseline 9: constants from 0.0333 to 30, learning rates from 0.01 to 9. ' +
      'Negative constants were not tried.',
  );
});

test.each<[string, object, RegExp]>([
  [
    'layers above keep their rate',
    { optimizer: SGD },
    /for the layers below it only.* leaves the rate of fc3 as it is/,
  ],
  ['no layer above learns', { optimizer: SGD, frozen: ['fc3'] }, /exactly a learning rate here/],
  ['several layers are replaced', { optimizer: SGD, backward: layers }, /One constant serves all 2 replaced layers/],
  ['weight decay is coupled', { optimizer: { ...SGD, weightDecay: 0.1 } }, /Weight decay is coupled/],
  ['Adam divides by gradients', { optimizer: { name: 'adam' } }, /adam divides by the size .* \(ε = 1e-8\)/],
  ['Lion uses signs', { optimizer: { name: 'lion' } }, /a constant changes nothing/],
])('says what a constant is if %s', (_, objective, limit) => {
  expect(listLimits(objective).join('\n')).toMatch(limit);
});

test('says nothing about constants if none is tuned, and nothing without baselines', () => {
  expect(listLimits({ optimizer: { name: 'adam' } }, ['backpropagation', 'learning-rate'])).toHaveLength(1);
  expect(listBaselineLimits(parseJob(jobInput) as TrainingJob)).toEqual([]);
});
