import { expect, test } from 'vitest';
import { buildSearchSpace, describeReference, parseJob, type TrainingJob } from '../../src/spec/index.ts';
import { jobInput } from '../support/jobs.ts';

const learningRate = {
  at: '/optimizer/learningRate',
  type: 'float' as const,
  low: 1e-4,
  high: 1,
  scale: 'log' as const,
};

function nameReference(space: Record<string, unknown>, backward: readonly unknown[] = jobInput.objective.backward) {
  const spec = parseJob({ ...jobInput, objective: { ...jobInput.objective, backward }, space }) as TrainingJob;
  expect(Object.keys(buildSearchSpace(spec).space).length).toBeGreaterThan(0);
  return describeReference(spec).name;
}

test('names the reference by what distinguishes it from the trials', () => {
  expect(nameReference({})).toBe('plain backpropagation');
  expect(nameReference({ 'relu2.u': 1 })).toBe('plain backpropagation');
  expect(nameReference({ learningRate })).toBe("plain backpropagation with the job's own settings");
  expect(nameReference({ learningRate }, [])).toBe("the job's own settings");
});
