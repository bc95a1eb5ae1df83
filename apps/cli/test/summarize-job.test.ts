import type { JobStatus } from '@gradsmith/contract';
import { parseJob, type JobSpec } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { summarizeJob } from '../src/follow/describe.ts';

const bFunction = { layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } };
const learningRate = { at: '/optimizer/learningRate', type: 'float', low: 1e-3, high: 1 };

function makeSpec(backward: readonly unknown[], space: Record<string, unknown>): JobSpec {
  return parseJob({
    name: 'summary',
    objective: {
      kind: 'training',
      dataset: { name: 'two-gaussians', train: 100, validation: 100 },
      network: { name: 'mlp' },
      optimizer: { name: 'adam', learningRate: 0.1 },
      epochs: 1,
      batchSize: 50,
      backward,
    },
    space,
    search: { trials: 6 },
  });
}

function summarize(
  spec: JobSpec,
  point: Record<string, number>,
  interval: [number, number],
  changes: Partial<JobStatus> = {},
): string[] {
  const status: Partial<JobStatus> = {
    id: 'job_1',
    name: 'summary',
    state: 'completed',
    reason: null,
    counts: {} as JobStatus['counts'],
    budget: 6,
    metric: 'aulc',
    best: { trial: '3', value: 0.5, point, atBound: [] },
    reference: 0.6,
    searchGain: 0.1,
    confirmedGain: { mean: (interval[0] + interval[1]) / 2, interval, seeds: 3 },
    baselines: [],
    lastError: null,
    ...changes,
  };
  return summarizeJob(status as JobStatus, spec);
}

const weights = (u: number, b: number, v: number, d: number) => ({
  'relu2.u': u,
  'relu2.b': b,
  'relu2.v': v,
  'relu2.d': d,
});

test('says that the best g is nearly constant, as the report does', () => {
  const spec = makeSpec([bFunction], {});
  const constant = summarize(spec, weights(1, 3, 3, 3), [0.01, 0.2]);
  expect(constant).toContainEqual(expect.stringMatching(/^note +The g\(z\) of relu2 is nearly constant \(about 5\.9/));
  const curved = summarize(spec, weights(1.2, -0.4, 1.6, 0.5), [0.01, 0.2]);
  expect(curved.join('\n')).not.toContain('constant');
});

test('says that a search ended without a best point, and why', () => {
  const spec = makeSpec([], { rate: { ...learningRate, low: 1e3, high: 1e4 } });
  const counts = { pending: 0, running: 0, complete: 0, pruned: 1, diverged: 5, failed: 0, cancelled: 0 };
  const summarizeEmpty = (changes: Partial<JobStatus>): string[] =>
    summarizeJob(
      {
        id: 'job_1',
        name: 'summary',
        state: 'completed',
        reason: null,
        counts,
        budget: 6,
        metric: 'aulc',
        best: null,
        reference: null,
        searchGain: null,
        confirmedGain: null,
        baselines: [],
        lastError: null,
        infeasible: 0,
        ...changes,
      } as unknown as JobStatus,
      spec,
    );
  expect(summarizeEmpty({})).toEqual([
    'job       job_1 (summary)',
    'state     completed',
    'trials    1 pruned, 5 diverged; budget 6',
    'best      none: no trial completed (5 diverged, 1 pruned)',
    '          a diverged trial is never the best; search where trainings are stable, as at lower rates',
  ]);
  for (const changes of [{ state: 'running' }, { counts: { ...counts, complete: 1 } }] as Partial<JobStatus>[])
    expect(summarizeEmpty(changes).join('\n')).not.toContain('best');
});

test('says over how many seeds values are means', () => {
  const spec = makeSpec([], { learningRate });
  const several = { ...spec, objective: { ...spec.objective, seedsPerTrial: 3 } } as JobSpec;
  const lines = summarize(several, { learningRate: 0.3 }, [0.01, 0.2]);
  expect(lines).toContain("reference aulc 0.6, the job's own settings; values are means over 3 seeds");
});

test.each([
  [[0.01, 0.2], 'better than'],
  [[-0.2, -0.01], 'worse than'],
  [[-0.1, 0.1], 'not distinguishable from'],
] as const)('compares a job that searches settings with its own settings (interval %j)', (interval, verdict) => {
  const lines = summarize(makeSpec([], { learningRate }), { learningRate: 0.3 }, [...interval]);
  expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^confirmed .*: ${verdict} the job's own settings$`)));
  expect(lines).toContain("reference aulc 0.6, the job's own settings");
  expect(lines.join('\n')).not.toContain('backpropagation');
});

test('says that the reference diverged instead of calling the point better', () => {
  const changes = {
    reference: null,
    searchGain: null,
    referenceDivergence: { value: 2.071, diverged: 3, seeds: 3 },
  };
  const lines = summarize(makeSpec([], { learningRate }), { learningRate: 0.3 }, [1.8, 1.9], changes);
  expect(lines.slice(-3)).toEqual([
    "reference aulc 2.071 (diverged), the job's own settings",
    'confirmed +1.85 under 3 fresh seeds, 95 % interval +1.8 to +1.9: the reference diverged under 3 of 3 fresh seeds',
    "note      The reference (the job's own settings) diverged in the search and under 3 of 3 fresh seeds, so the " +
      'confirmed gain measures the value that diverged trainings get, and not how much better the point is.',
  ]);
});
