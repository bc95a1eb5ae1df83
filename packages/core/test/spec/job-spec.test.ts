import { describe, expect, test } from 'vitest';
import { describeProblem, InvalidInput } from '../../src/domain/index.ts';
import { countTrainingFlops } from '../../src/objective/cost.ts';
import { computePenalty } from '../../src/objective/derivatives/penalty.ts';
import { buildSearchSpace, isTrainingJob, parseJob, resolveObjective } from '../../src/spec/index.ts';
import { jobInput } from '../support/jobs.ts';

/** Places and messages of what is wrong; empty for a valid job. */
function listProblems(input: unknown): string[] {
  try {
    parseJob(input);
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems.map(describeProblem);
    throw error;
  }
}

/** The valid job with the value at a path replaced. */
function withAt(path: string, value: unknown): unknown {
  const copy = structuredClone(jobInput) as Record<string, unknown>;
  const parts = path.split('.');
  let node = copy;
  for (const part of parts.slice(0, -1)) node = (node[part] ??= {}) as Record<string, unknown>;
  node[parts.at(-1)!] = value;
  return copy;
}

const NETWORKS = 'simplenet, simplenet-slim, mlp, cnn, lenet, resnet, vgg, transformer, custom';

test.each<[string, unknown, string]>([
  ['search.trials', undefined, 'search.trials: is missing; give a whole number from 1 to 100000'],
  ['search.trials', 'three', 'search.trials: must be a whole number from 1 to 100000, not "three"'],
  ['objective.network', undefined, `objective.network: is missing; give a map with name: one of ${NETWORKS}`],
  ['objective.network', { name: 'nope' }, `objective.network.name: must be one of ${NETWORKS}, not "nope"`],
  [
    'objective.network',
    { name: 'mpl' },
    `objective.network.name: must be one of ${NETWORKS}, not "mpl". Did you mean mlp?`,
  ],
  ['search.trials', 0, 'search.trials: must be a whole number from 1 to 100000, not 0'],
  ['search.trials', 1.5, 'search.trials: must be a whole number from 1 to 100000, not 1.5'],
  [
    'search.algorithm',
    'GP',
    'search.algorithm: must be one of gp, random, sobol, grid, tpe, cma-es, nsga-ii, evolution, not "GP". ' +
      'Did you mean gp?',
  ],
  ['objective.seedsPerTrial', 0, 'objective.seedsPerTrial: must be a whole number from 1 to 20, not 0'],
  ['search.trails', 3, 'search.trails: is not a known field. Did you mean trials?'],
  ['confirm.surprise', 1, 'confirm.surprise: is not a known field; the fields here are top, seeds, against, budget'],
  [
    'objective.optimizer.learningrate',
    1,
    'objective.optimizer.learningrate: is not a known field. Did you mean learningRate?',
  ],
  [
    'objective.optimizer.learningRate',
    -1,
    'objective.optimizer.learningRate: must be a number from 0 to 10000, not -1',
  ],
  ['limits.trialTimeout', 30, 'limits.trialTimeout: must be a number and a unit (ms, s, m, h or d), such as 30m'],
  [
    'space.x',
    null,
    'space.x: must be a number, or text of at most 100 characters, or true or false, or a map of fields, not null',
  ],
  [
    'space.x',
    { type: 'flaot' },
    'space.x.type: must be one of float, int, categorical, program, constant, not "flaot". Did you mean float?',
  ],
  ['space.x', { type: 'float', lo: 1, high: 2 }, 'space.x.lo: is not a known field. Did you mean low?'],
  [
    'space.1x',
    3,
    'space.1x: a parameter name has 1 to 64 letters, digits, dots, dashes or underscores and begins with a letter',
  ],
  [
    'space',
    { rate: { at: '/optimizer/learningRate', type: 'float', low: -2, high: 1 } },
    'space.rate: /optimizer/learningRate must be a number from 0 to 10000, not -2',
  ],
  [
    'search.pruning',
    { rule: 'median', warmup: 3 },
    'search.pruning: median has no settings, only patience does; write it as text: median',
  ],
  [
    'search.pruning',
    { rule: 'hyperband' },
    'search.pruning: must be none, proven, median, asha, predicted or { rule: patience, steps: 100 }',
  ],
  ['webhooks', [{ url: 'ftp://token@x' }], 'webhooks[0].url: must look like https://host/path'],
])('%s as %j is named with what it should be', (path, value, problem) => {
  expect(listProblems(withAt(path, value))).toContain(problem);
});

describe('a job', () => {
  test('gets its defaults', () => {
    const spec = parseJob(jobInput);
    expect(spec.search.algorithm).toBe('gp');
    expect(spec.limits).toMatchObject({ trialTimeout: '30m', attempts: 3 });
    expect(spec.limits.maxFailures).toBeUndefined(); // it depends on the budget
    expect(spec.objective.metric).toBe('aulc');
  });

  test('searches the free meta-weights by default', () => {
    const { space, bindings } = buildSearchSpace(parseJob(jobInput));
    expect(Object.keys(space)).toEqual(['relu2.u', 'relu2.b', 'relu2.v', 'relu2.d']);
    expect(bindings['relu2.u']).toBe('/backward/0/derivative/weights/u/0');
  });

  test('fixes, re-bounds and adds parameters', () => {
    const { space } = buildSearchSpace(
      parseJob(
        withAt('space', {
          'relu2.b': 0,
          'relu2.v': { type: 'float', low: 0, high: 1 },
          learningRate: { at: '/optimizer/learningRate', type: 'float', low: 1e-4, high: 1, scale: 'log' },
        }),
      ),
    );
    expect(space['relu2.b']).toEqual({ type: 'constant', value: 0 });
    expect(space['relu2.v']).toMatchObject({ low: 0, high: 1 });
    expect(space.learningRate).toMatchObject({ scale: 'log' });
  });
});

describe('refuses a bad job with the position of each problem', () => {
  test.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty'])('a parameter %s without "at"', (name) => {
    expect(listProblems(withAt('space', { [name]: { type: 'float', low: 0, high: 1 } }))).toEqual([
      expect.stringContaining(`space.${name}: needs "at"`),
    ]);
  });

  test.each([
    ['name', 'Not A Name'],
    ['name', ''],
    ['name', 7],
    ['search.trials', 0],
    ['search.trials', 1.5],
    ['search.trials', 1e9],
    ['search.trials', '40'],
    ['search.maxParallelism', 0],
    ['search.initial', 0],
    ['search.seed', -1],
    ['search.algorithm', 'magic'],
    ['search.pruning', 'sometimes'],
    ['confirm.top', -1],
    ['confirm.seeds', 1000],
    ['limits.trialTimeout', '30 minutes'],
    ['limits.trialTimeout', 30],
    ['limits.attempts', 0],
    ['limits.maxFailures', -1],
    ['limits.backoff', 'soon'],
    ['objective.kind', 'dream'],
    ['objective.epochs', 0],
    ['objective.batchSize', -5],
    ['objective.seed', 0.5],
    ['objective.backend', 'quantum'],
    ['objective.metric', 'happiness'],
    ['objective.dataset.name', 'imagenet'],
    ['objective.dataset.train', 0],
    ['objective.network.name', 'transformer'],
    ['objective.optimizer.name', 'luck'],
    ['objective.optimizer.learningRate', -1],
    ['search.surprise', 1],
    ['objective.optimizer.surprise', 1],
    ['surprise', 1],
    ['limits.surprise', 1],
  ])('%s = %j', (path, value) => {
    const problems = listProblems(withAt(path, value));
    expect(problems.length).toBeGreaterThan(0);
    const places = problems.map((problem) => problem.split(':')[0]);
    expect(
      places.some(
        (place) =>
          place === path ||
          (path.endsWith('.name') && place!.startsWith(path.replace(/\.name$/, ''))) ||
          (path === 'objective.kind' && place!.startsWith('objective')),
      ),
    ).toBe(true);
  });

  test.each([
    [
      'a pointer that moves the yardstick',
      { epochs: { at: '/epochs', type: 'int', low: 1, high: 5 } },
      'space.epochs.at',
    ],
    ['a pointer to nothing', { x: { at: '/optimizer/nothing', type: 'float', low: 0, high: 1 } }, 'space.x.at'],
    ['an unknown name without a pointer', { x: 1 }, 'space.x'],
    ['low above high', { 'relu2.u': { type: 'float', low: 2, high: 1 } }, 'space.relu2.u'],
    [
      'a log scale from zero',
      { rate: { at: '/optimizer/learningRate', type: 'float', low: 0, high: 1, scale: 'log' } },
      'space.rate',
    ],
    [
      'a range its field refuses',
      { rate: { at: '/optimizer/learningRate', type: 'float', low: -2, high: 1 } },
      'space.rate',
    ],
    [
      'two parameters for one place',
      {
        a: { at: '/optimizer/learningRate', type: 'float', low: 0.1, high: 1 },
        b: { at: '/optimizer/learningRate', type: 'float', low: 0.1, high: 1 },
      },
      'space.b',
    ],
    ['nothing to search', { 'relu2.u': 1, 'relu2.b': 1, 'relu2.v': 1, 'relu2.d': 1 }, 'space'],
  ])('%s', (_, space, place) => {
    const problems = listProblems(withAt('space', space));
    expect(problems.map((problem) => problem.split(':')[0])).toContainEqual(expect.stringContaining(place));
  });

  test.each([
    ['/batchSize', 'because it changes the scale of the metric, and trials could not be compared'],
    ['/epochs', 'because it changes the scale of the metric, and trials could not be compared'],
    ['/dataset/train', 'because it changes the scale of the metric, and trials could not be compared'],
    ['/network/hidden', 'because all trials start from the same weights'],
    ['/network/name', 'because all trials start from the same weights'],
    ['/seed', 'because all trials have the same seeds'],
  ])('a search of %s, with the reason', (at, reason) => {
    const problems = listProblems(withAt('space', { a: { at, type: 'int', low: 1, high: 5 } }));
    expect(problems).toEqual([
      expect.stringMatching(new RegExp(`^space.a.at: ${at} cannot be searched, ${reason}; these can: /backward/`)),
    ]);
  });

  test('a search of a field that is not there, without a reason', () => {
    const problems = listProblems(withAt('space', { a: { at: '/networks', type: 'int', low: 1, high: 5 } }));
    expect(problems[0]).toContain('/networks cannot be searched; these can: ');
  });

  test('a b-function on a missing layer', () => {
    const problems = listProblems(
      withAt('objective.backward', [
        { layer: 'relu9', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } },
      ]),
    );
    expect(problems.join()).toContain('objective.backward');
  });

  test('a value that is not an object', () => {
    for (const input of [null, 7, 'job', [], undefined]) expect(listProblems(input).length).toBeGreaterThan(0);
  });
});

test('a penalty counts in search trials, not in confirm trials', () => {
  const derivative = { kind: 'dictionary', bases: ['relu', 'silu'], penalty: 0.1 };
  const spec = parseJob({
    ...jobInput,
    objective: { ...jobInput.objective, backward: [{ layer: 'relu1', derivative }] },
  });
  if (!isTrainingJob(spec)) throw new Error('not a training');
  const point = { 'relu1.c1': 1, 'relu1.c2': 2 };
  const penaltyOf = (role: 'search' | 'confirm') => {
    const confirms = role === 'confirm' ? { number: 1, seed: 1 } : null;
    return computePenalty(resolveObjective(spec, { role, confirms, point, seed: 1 } as never).backward);
  };
  expect([penaltyOf('search'), penaltyOf('confirm')]).toEqual([0.1 * 3, 0]);
});

test('trials of the search, the reference and the baselines average over seeds, and confirm trials do not', () => {
  const spec = parseJob(withAt('objective.seedsPerTrial', 3));
  if (!isTrainingJob(spec)) throw new Error('expected a training');
  const point = { 'relu2.u': 1, 'relu2.b': 0, 'relu2.v': 1, 'relu2.d': 0 };
  const resolve = (trial: object) => resolveObjective(spec, { confirms: null, point, seed: 3, ...trial } as never);
  for (const role of ['search', 'reference']) expect(resolve({ role })).toMatchObject({ seedsPerTrial: 3, seed: 3 });
  expect(resolve({ role: 'baseline', baseline: 'constant', point: { constant: 2 } }).seedsPerTrial).toBe(3);
  for (const number of [1, null])
    expect(resolve({ role: 'confirm', confirms: { number, seedIndex: 0 } })).not.toHaveProperty('seedsPerTrial');
  expect(countTrainingFlops(spec.objective)).toBe(
    3 * countTrainingFlops({ ...spec.objective, seedsPerTrial: undefined }),
  );
});
