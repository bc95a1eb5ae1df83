import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { explainResult } from '../src/job/explain-result.ts';

const explain = (objective: object): string[] =>
  explainResult(
    parseJob({
      name: 'explained',
      objective: {
        kind: 'training',
        dataset: { name: 'two-gaussians' },
        network: { name: 'mlp' },
        optimizer: { name: 'sgd' },
        epochs: 1,
        batchSize: 10,
        ...objective,
      },
      search: { trials: 4 },
    }),
  );
const metaNetwork = { kind: 'meta-network' };

test('says what the metric is, and which values are better', () => {
  expect(explain({ backward: [{ layer: 'relu2', derivative: metaNetwork }] })[0]).toBe(
    'AULC is the area under the loss curve: the mean loss on the training batches over all steps; smaller is better.',
  );
  const backward = [{ layer: 'relu2', derivative: metaNetwork }];
  expect(explain({ backward, metric: 'validation-accuracy' })[0]).toMatch(/larger is better\.$/);
});

test.each([
  [[{ layer: 'relu2', derivative: metaNetwork }], 'In relu2, g(z) = v·tanh(u·z + b) + d.'],
  [
    [{ layer: ['relu1', 'relu2'], derivative: { ...metaNetwork, hidden: 3, bias: false } }],
    'In relu1 and relu2, g(z) = Σ vᵢ·tanh(uᵢ·z).',
  ],
  [
    [
      { layer: 'relu1', derivative: metaNetwork },
      { layer: 'relu2', derivative: { kind: 'expression', formula: 'k*z', parameters: { k: 2 } } },
    ],
    'In relu1, g(z) = v·tanh(u·z + b) + d; in relu2, g(z) = k*z.',
  ],
])('writes g with the names of its parameters', (backward, formula) => {
  expect(explain({ backward })).toHaveLength(2);
  expect(explain({ backward })[1]).toBe(formula);
});
