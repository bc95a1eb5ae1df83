import { describe, expect, test } from 'vitest';
import { InvalidInput, type JobRecord } from '../../src/domain/index.ts';
import { chooseRuntime } from '../../src/jobs/index.ts';
import { type WorkerInfo } from '../../src/ports/index.ts';
import { getDirection, getMetricName, parseJob } from '../../src/spec/index.ts';

const input = (objective: object = {}, rest: object = {}): object => ({
  name: 'own',
  objective: { kind: 'module', module: 'quadratic', metric: { name: 'loss', direction: 'maximize' }, ...objective },
  space: { x: { type: 'float', low: 0, high: 1 } },
  search: { trials: 4 },
  ...rest,
});

function listProblems(job: object): string[] {
  try {
    parseJob(job);
    return [];
  } catch (error) {
    return (error as InvalidInput).problems.map(({ path, message }) => `${path.join('/')}: ${message}`);
  }
}

describe('a job whose objective is a module', () => {
  test('needs only a name and a metric, and is not confirmed', () => {
    const spec = parseJob(input());
    expect(spec.objective).toMatchObject({ module: 'quadratic', seed: 0, options: {} });
    expect(spec.confirm).toEqual({ top: 0, seeds: 0 });
    expect([getDirection(spec), getMetricName(spec)]).toEqual(['maximize', 'loss']);
  });

  test.each([
    '../quadratic',
    '..',
    '.',
    '/etc/passwd',
    'folder/quadratic',
    'folder\\quadratic',
    'quadratic.ts',
    '%2e%2e%2fquadratic',
    'file:quadratic',
    '-quadratic',
    'Quadratic',
    'quad ratic',
    'quadratic\n',
    'quadratic\0',
    'q\u0443adratic',
    '__proto__',
    '',
    'a'.repeat(64),
  ])('is refused under the name %j', (module) => {
    expect(listProblems(input({ module }))).toEqual([
      expect.stringMatching(/^objective\/module: a module name has 1 to 63 lower-case letters/),
    ]);
  });

  test('accepts only flat options', () => {
    expect(listProblems(input({ options: { steps: 3, name: 'a', on: true, layers: [8, 4] } }))).toEqual([]);
    expect(listProblems(input({ options: { deep: { down: 1 } } }))).toHaveLength(1);
    expect(listProblems(input({ options: { layers: [null] } }))).toHaveLength(1);
  });

  test('accepts no confirmation, positions in the objective, or proven pruning', () => {
    expect(listProblems(input({}, { confirm: { top: 1, seeds: 2 } }))[0]).toContain('only trainings can be confirmed');
    expect(listProblems(input({}, { space: { x: { type: 'float', low: 0, high: 1, at: '/module' } } }))[0]).toContain(
      'leave "at" out',
    );
    expect(listProblems(input({}, { search: { trials: 4, pruning: 'proven' } }))[0]).toContain(
      'choose median, asha, predicted or patience',
    );
  });
});

describe('workers that offer a module', () => {
  const worker = (runtime: string, backend: string): WorkerInfo => ({
    id: runtime,
    name: 'w',
    runtime,
    backend,
    slots: 1,
    busy: [],
  });
  const job = { runtime: null } as JobRecord;

  test('are of the runtime of its jobs and of no training', () => {
    const workers = [worker('module-other', 'module'), worker('module-quadratic', 'module')];
    expect(chooseRuntime(job, parseJob(input()), workers)).toBe('module-quadratic');
    const training = parseJob({
      name: 'training',
      objective: {
        kind: 'training',
        dataset: { name: 'two-gaussians' },
        network: { name: 'mlp', hidden: [4] },
        optimizer: { name: 'sgd' },
      },
      space: { rate: { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 1 } },
      search: { trials: 1 },
    });
    expect(chooseRuntime(job, training, workers)).toBeNull();
    expect(chooseRuntime(job, training, [...workers, worker('wasm-1', 'wasm')])).toBe('wasm-1');
  });
});
