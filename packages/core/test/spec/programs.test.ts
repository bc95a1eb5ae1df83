import { suggestPoints } from '@gradsmith/bayesopt';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../src/domain/index.ts';
import { type JobInput, parseJob } from '../../src/spec/index.ts';
import type { TrainingJob } from '../../src/spec/job-spec.ts';
import { buildSearchInputs, resolveObjective } from '../../src/spec/search-inputs.ts';
import { buildSearchSpace } from '../../src/spec/search-space.ts';

const AT = '/backward/0/program/formula';
const rule = { at: AT, type: 'program' } as const;

function createJob(space: object, changes: { objective?: object; search?: object } = {}): JobInput {
  return {
    name: 'programs',
    objective: {
      kind: 'training',
      dataset: { name: 'two-gaussians', train: 64, validation: 64 },
      network: { name: 'mlp', hidden: [8, 8] },
      optimizer: { name: 'sgd', learningRate: 0.1 },
      batchSize: 32,
      backward: [{ layer: ['relu1', 'relu2'], program: {} }],
      ...changes.objective,
    },
    space,
    search: { algorithm: 'evolution', trials: 20, ...changes.search },
  } as JobInput;
}

function listProblems(job: JobInput): string[] {
  try {
    parseJob(job);
    return [];
  } catch (error) {
    return (error as InvalidInput).problems.map(({ path, message }) => `${path.join('.')} ${message}`);
  }
}

describe('a job that evolves a program', () => {
  it('offers everything that the layer has, and says what is equal at the probes', () => {
    const { space } = buildSearchSpace(parseJob(createJob({ rule })));
    expect(space['rule']).toMatchObject({
      type: 'program',
      operands: ['z', 't', 'm', 's', 'a', 'slope', 'd', 'ds', 'depth', 'r', 'e', 'n', 'rm', 'rs'],
      maxNodes: 15,
      probes: { a: 'max(z, 0)', slope: 'z > 0' },
    });
  });

  it('trains with the formula of the point, and plain backpropagation as the reference', () => {
    const spec = parseJob(createJob({ rule })) as TrainingJob;
    const trial = { confirms: null, seed: 3 };
    const resolved = resolveObjective(spec, { ...trial, role: 'search', point: { rule: 'd * sign(a)' } });
    expect(resolved.backward[0]!.program).toEqual({ formula: 'd * sign(a)' });
    expect(resolveObjective(spec, { ...trial, role: 'reference', point: {} }).backward).toEqual([]);
  });

  it('suggests formulas of the job file first, then others, each of them trainable', () => {
    const start = ['d * slope', 'r * slope'];
    const spec = parseJob(createJob({ rule: { ...rule, start } }));
    const inputs = buildSearchInputs(spec);
    const points = [...suggestPoints({ ...inputs, history: [], number: 0 }).take(4)].map((suggestion) =>
      suggestion.kind === 'point' ? String(suggestion.point['rule']) : '',
    );
    expect(points.slice(0, 2)).toEqual(['d * slope', 'r * slope']);
    for (const formula of points) {
      const objective = { backward: [{ layer: 'relu1', program: { formula } }] };
      expect(
        listProblems(
          createJob({ rate: { at: '/optimizer/learningRate', type: 'float', low: 0.1, high: 1 } }, { objective }),
        ),
      ).toEqual([]);
    }
  });

  it('evolves the formula of an optimizer, and of g', () => {
    const optimizer = { name: 'program' };
    const update = { at: '/optimizer/formula', type: 'program', start: ['mh / (sqrt(vh) + 0.001)'] };
    const { space } = buildSearchSpace(parseJob(createJob({ update }, { objective: { optimizer, backward: [] } })));
    expect(space['update']).toMatchObject({ operands: ['g', 'm', 'v', 'p', 'mh', 'vh', 'w', 't', 'k'] });
    const backward = [{ layer: 'relu1', derivative: { kind: 'expression', formula: 'z' } }];
    const g = { at: '/backward/0/derivative/formula', type: 'program', operands: ['z', 'slope'] };
    expect(listProblems(createJob({ g }, { objective: { backward } }))).toEqual([]);
  });

  it('takes programs and numbers in one job, also for external objectives', () => {
    const objective = { kind: 'external', metric: { name: 'loss', direction: 'minimize' } };
    const space = { f: { type: 'program', operands: ['x', 'y'] }, rate: { type: 'float', low: 0, high: 1 } };
    const search = { algorithm: 'evolution', trials: 9, evolution: { population: 20, tournament: 4 } };
    const spec = parseJob({ name: 'external', objective, space, search });
    expect(buildSearchInputs(spec).settings.evolution).toEqual({ population: 20, tournament: 4 });
  });

  it.each([
    [
      'an algorithm with a model',
      { rule },
      { search: { algorithm: 'gp' } },
      'search.algorithm gp searches no programs',
    ],
    ['settings of another algorithm', { rule }, { search: { algorithm: 'random', evolution: {} } }, 'search.evolution'],
    ['a name that the layer has not', { rule: { ...rule, operands: ['d', 'x'] } }, {}, 'space.rule.operands.1 x is no'],
    ['a function that is none', { rule: { ...rule, functions: ['mod'] } }, {}, 'space.rule.functions.0 mod is no'],
    ['a start that is no program', { rule: { ...rule, start: ['d *'] } }, {}, 'space.rule.start.0'],
    ['another type at a formula', { rule: { at: AT, type: 'categorical', choices: ['d'] } }, {}, 'space.rule.type'],
    ['a program elsewhere', { rule: { ...rule, at: '/optimizer/learningRate' } }, {}, 'space.rule.type'],
    [
      'random feedback without a layer above',
      { rule: { ...rule, operands: ['r'] } },
      { objective: { network: { name: 'cnn' }, dataset: { name: 'mnist' } } },
      'space.rule.operands.0 r needs one convolution or dense layer directly above relu1',
    ],
  ])('refuses %s', (_name, space, changes, problem) => {
    expect(listProblems(createJob(space, changes)).join('\n')).toContain(problem);
  });

  it.each([
    ['a formula that is none', { program: { formula: 'd * slop' } }, 'unknown name slop'],
    ['a program of a layer with weights', { layer: 'fc2', program: {} }, 'a b-function belongs to an activation layer'],
    ['a program and a derivative', { program: {}, derivative: { kind: 'silu' } }, 'takes one of'],
  ])('refuses %s', (_name, entry, problem) => {
    const objective = { backward: [{ layer: 'relu1', ...entry }] };
    const rate = { at: '/optimizer/learningRate', type: 'float', low: 0.1, high: 1 };
    expect(listProblems(createJob({ rate }, { objective })).join('\n')).toContain(problem);
  });
});
