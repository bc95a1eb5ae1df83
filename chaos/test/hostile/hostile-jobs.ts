import { learningRateSearch } from '@gradsmith/testing';

type Job = Record<string, unknown> & { name: string };

const external = { kind: 'external', metric: { name: 'loss', direction: 'minimize' } } as const;
const range = { type: 'float', low: 0, high: 1 } as const;

function moduleObjective(module: string): object {
  return { kind: 'module', module, metric: { name: 'x', direction: 'minimize' } };
}

/** A job whose trials wait for a second, as a training that computes elsewhere. */
export function createVictim(name: string, trials: number): Job {
  return {
    name,
    objective: moduleObjective('waits'),
    space: { x: range, y: range },
    search: { trials, maxParallelism: 1, initial: 3 },
  };
}

/** As many choices as a job may have. */
const hugeSpace = Object.fromEntries(
  Array.from({ length: 20 }, (_, i) => [
    `p${i}`,
    { type: 'categorical', choices: Array.from({ length: 1_000 }, (_, choice) => `c${choice}`) },
  ]),
);

function createPoint(n: number): object {
  return Object.fromEntries(Object.keys(hugeSpace).map((name, i) => [name, `c${(n * 37 + i * 101) % 1_000}`]));
}

/** Ten jobs that are accepted, and each of which once stopped or slowed down every other job. */
export const hostileJobs: readonly Job[] = [
  {
    name: 'huge-space',
    objective: external,
    space: hugeSpace,
    search: { algorithm: 'gp', trials: 64, maxParallelism: 64, initial: 2 },
  },
  {
    name: 'huge-space-with-known-results',
    objective: external,
    space: hugeSpace,
    search: {
      algorithm: 'gp',
      trials: 64,
      maxParallelism: 64,
      known: Array.from({ length: 60 }, (_, n) => ({ point: createPoint(n), value: n })),
    },
  },
  {
    name: 'adjacent-floats',
    objective: external,
    space: { x: { type: 'float', low: 1, high: 1.0000000000000002 } },
    search: { algorithm: 'grid', trials: 5 },
  },
  {
    name: 'colliding-grid',
    objective: external,
    space: {
      x: { type: 'float', low: 1e16, high: 1e16 + 64 },
      y: { type: 'float', low: 0, high: 0.3, step: 0.1 },
    },
    search: { algorithm: 'grid', trials: 500, maxParallelism: 64 },
  },
  {
    name: 'endless-suggestion',
    objective: moduleObjective('returns'),
    space: { x: range, endless: range },
    search: { algorithm: 'gp', trials: 6, maxParallelism: 2, initial: 3 },
  },
  {
    name: 'slow-suggestion',
    objective: moduleObjective('returns'),
    space: { x: range, slow: range },
    search: { algorithm: 'gp', trials: 8, maxParallelism: 2, initial: 3 },
  },
  {
    name: 'forks',
    objective: moduleObjective('forks'),
    space: { x: range },
    search: { trials: 8, maxParallelism: 1 },
  },
  {
    name: 'crashes',
    ...learningRateSearch,
    objective: { ...learningRateSearch.objective, backend: 'cpu' },
    search: { algorithm: 'random', trials: 4, maxParallelism: 1 },
    confirm: { top: 0, seeds: 0 },
    limits: { attempts: 2, backoff: '50ms' },
  },
  {
    name: 'labels',
    labels: Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`label-${i}`, 'x'.repeat(60)])),
    objective: external,
    space: { x: range },
    search: { algorithm: 'random', trials: 2_000, maxParallelism: 64 },
  },
  {
    name: 'long-specification',
    objective: external,
    space: Object.fromEntries(
      Array.from({ length: 9 }, (_, p) => [
        `p${p}`,
        { type: 'categorical', choices: Array.from({ length: 1_000 }, (_, i) => `${i}`.padEnd(95, '-')) },
      ]),
    ),
    search: { algorithm: 'tpe', trials: 64, maxParallelism: 64 },
  },
];

/** Requests that must be refused, each with the reason. */
export const refusedRequests: readonly [reason: string, method: string, path: string, body: unknown][] = [
  [
    'more labels than a job may have',
    'POST',
    '/v1/jobs',
    {
      ...createVictim('labels', 1),
      labels: Object.fromEntries(Array.from({ length: 3_800 }, (_, i) => [`l${i}`, 'x'])),
    },
  ],
  [
    'more choices than a job may have',
    'POST',
    '/v1/jobs',
    {
      ...createVictim('choices', 1),
      space: Object.fromEntries(
        Array.from({ length: 40 }, (_, p) => [
          `p${p}`,
          { type: 'categorical', choices: Array.from({ length: 900 }, (_, i) => `c${i}`) },
        ]),
      ),
    },
  ],
  [
    'unknown fields',
    'POST',
    '/v1/jobs',
    Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`unknown-${i}`, 1])),
  ],
  [
    'a path as a module',
    'POST',
    '/v1/jobs',
    { ...createVictim('module', 1), objective: moduleObjective('../../etc/passwd') },
  ],
  ['a path as an id', 'GET', `/v1/jobs/${encodeURIComponent('../../../../etc/passwd')}`, undefined],
];

export const modules: Readonly<Record<string, string>> = {
  returns: 'export default async ({ x }) => x;',
  waits: `
import { setTimeout as delay } from 'node:timers/promises';
export default async ({ x }) => { await delay(1_000); return x; };`,
  forks: `
import { spawn } from 'node:child_process';
export default async ({ x }) => {
  spawn('sleep', ['7208'], { detached: true, stdio: 'ignore' }).unref();
  return x;
};`,
};
