import { expect, test } from 'vitest';
import { describeProblem, InvalidInput } from '../../src/domain/index.ts';
import {
  buildSearchInputs,
  listBaselines,
  parseJob,
  resolveObjective,
  type TrainingJob,
} from '../../src/spec/index.ts';
import { outsideInput } from '../support/external.ts';
import { job, jobInput } from '../support/jobs.ts';

const AGAINST = ['backpropagation', 'constant', 'learning-rate'];

function listProblems(input: unknown): string[] {
  try {
    parseJob(input);
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems.map(describeProblem);
    throw error;
  }
}

/** A job that is compared with all baselines, with other fields of its objective and space. */
function withBaselines(objective: object = {}, fields: object = {}): unknown {
  const confirm = { top: 2, seeds: 3, against: AGAINST };
  return { ...jobInput, objective: { ...jobInput.objective, ...objective }, confirm, ...fields };
}

const rateParameter = { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 1, scale: 'log' };

test('a job has no baselines by default, and its specification does not mention them', () => {
  const spec = job();
  expect(listBaselines(spec)).toEqual([]);
  expect(Object.keys(spec.confirm)).toEqual(['top', 'seeds']);
});

test('a clone can leave out the baselines of its source, whose budget then has no effect', () => {
  const confirm = { top: 2, seeds: 3, against: ['backpropagation'], budget: 15 };
  expect(listBaselines(parseJob({ ...jobInput, confirm }))).toEqual([]);
});

test('baselines are tuned by a Gaussian process over one parameter from 1/30 to 30 times the value of the file', () => {
  const spec = parseJob(withBaselines());
  const settings = { algorithm: 'gp', initial: 5, seed: 7, direction: 'minimize' };
  expect(buildSearchInputs(spec, 'constant')).toEqual({
    space: { constant: { type: 'float', low: 1 / 30, high: 30, scale: 'log' } },
    settings,
  });
  expect(buildSearchInputs(spec, 'learning-rate')).toEqual({
    space: { learningRate: { type: 'float', low: 0.1 / 30, high: 3, scale: 'log' } },
    settings,
  });
});

test('a learning rate with one value is no search: it belongs into the job file', () => {
  const confirm = { against: ['backpropagation', 'learning-rate'] };
  const space = { rate: { ...rateParameter, low: 0.05, high: 0.05 } };
  expect(listProblems(withBaselines({}, { space, confirm }))).toEqual([
    expect.stringMatching(/keep \/optimizer\/learningRate of the job file/),
  ]);
});

test('a job that searches its learning rate is compared with the best rate of the same range', () => {
  const confirm = { against: ['backpropagation', 'learning-rate'] };
  const spec = parseJob(withBaselines({}, { space: { rate: rateParameter }, confirm }));
  expect(buildSearchInputs(spec, 'learning-rate').space).toEqual({
    learningRate: { type: 'float', low: 0.001, high: 1, scale: 'log' },
  });
});

test('a constant multiplies the derivative of every replaced layer, and nothing else changes', () => {
  const backward = [
    { layer: 'relu1', derivative: { kind: 'sigmoid' }, mask: true },
    { layer: 'relu2', derivative: { kind: 'meta-network' } },
  ];
  const spec = parseJob(withBaselines({ network: { name: 'mlp', activation: 'tanh' }, backward })) as TrainingJob;
  const trial = { role: 'baseline', baseline: 'constant', confirms: null, point: { constant: 2.5 }, seed: 9 } as const;
  expect(resolveObjective(spec, trial)).toEqual({
    ...spec.objective,
    backward: backward.map(({ layer }) => ({ layer, derivative: { kind: 'tanh', scale: 2.5 }, mask: false })),
    seed: 9,
  });
});

test.each<[string, unknown, RegExp]>([
  [
    'a job without a b-function',
    withBaselines({ backward: [] }, { space: { rate: rateParameter } }),
    /replaces no deriv/,
  ],
  [
    'a job that replaces wᵀ, too',
    withBaselines({
      backward: [...jobInput.objective.backward, { layer: 'fc3', transpose: { kind: 'feedback-alignment' } }],
    }),
    /leave transpose out/,
  ],
  ['an external job', { ...outsideInput, confirm: { top: 0, seeds: 0, against: AGAINST } }, /only trainings/],
  ['a job that confirms nothing', withBaselines({}, { confirm: { top: 0, against: AGAINST } }), /at least 1/],
  ['no backpropagation', withBaselines({}, { confirm: { against: ['constant'] } }), /must contain backpropagation/],
  ['an entry twice', withBaselines({}, { confirm: { against: ['backpropagation', 'backpropagation'] } }), /once/],
  ['a budget without baselines', withBaselines({}, { confirm: { budget: 5 } }), /confirm\.budget: tunes constant/],
  ['a constant next to a searched rate', withBaselines({}, { space: { rate: rateParameter } }), /leave constant out/],
  [
    'another searched field',
    withBaselines({}, { space: { decay: { at: '/optimizer/beta1', type: 'float', low: 0.5, high: 0.9 } } }),
    /keep \/optimizer\/beta1 of the job file/,
  ],
  ['a learning rate of 0', withBaselines({ optimizer: { name: 'adam', learningRate: 0 } }), /must be greater than 0/],
])('refuses %s, and says why', (_, input, message) => {
  expect(listProblems(input).join('\n')).toMatch(message);
});
