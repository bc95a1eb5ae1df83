import { parseJob, type JobSpec } from '../../src/spec/index.ts';

/** A small valid job with an external objective, as a client writes it. */
export const outsideInput = {
  name: 'forest',
  objective: { kind: 'external', metric: { name: 'accuracy', direction: 'maximize' }, seed: 5 },
  space: {
    depth: { type: 'int', low: 1, high: 30 },
    share: { type: 'float', low: 0.1, high: 1 },
    criterion: { type: 'categorical', choices: ['gini', 'entropy'] },
    jobs: 1,
  },
  search: { algorithm: 'random', trials: 6, maxParallelism: 2, initial: 3, seed: 7 },
};

export function outsideJob(search: object = {}): JobSpec {
  return parseJob({ ...outsideInput, search: { ...outsideInput.search, ...search } });
}

/** A job that workers execute with the module `m`, over these parameters. */
export function moduleJob(search: object = {}, space: object = outsideInput.space): JobSpec {
  const objective = { ...outsideInput.objective, kind: 'module', module: 'm' };
  return parseJob({ ...outsideInput, objective, space, search: { ...outsideInput.search, ...search } });
}
