import type { JobStatus, TrialDetail } from '@gradsmith/contract';
import { parseJob, type JobInput } from '@gradsmith/core/spec';
import { describeExportedJob, type ExportedJob } from '../src/index.ts';

const input = {
  name: 'sample',
  objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
  space: {
    lr: { type: 'float', low: 1e-5, high: 0.1, scale: 'log' },
    layers: { type: 'int', low: 1, high: 9, step: 2 },
    dropout: { type: 'float', low: 0, high: 0.5, step: 0.2 },
    optimizer: { type: 'categorical', choices: ['adam', 'sgd'] },
    momentum: { type: 'float', low: 0, high: 1, when: { optimizer: ['sgd'] } },
    mixed: { type: 'categorical', choices: [1, 'two', true] },
    amp: { type: 'categorical', choices: [true, false] },
    seed: 7,
  },
  search: { trials: 10 },
  constraints: [{ metric: 'worst fold', max: 0.75 }],
} satisfies JobInput;
const status = {
  id: 'job_00000000000000000001',
  name: 'sample',
  metric: 'loss',
  direction: 'minimize',
  createdAt: '2026-11-29T10:00:00.000Z',
} as JobStatus;

/** An external job with parameters of every kind, one of them conditional. */
export const job: ExportedJob = describeExportedJob(parseJob(input), status);

/** The same with a second objective. */
export const jobOfTwoObjectives: ExportedJob = describeExportedJob(
  parseJob({
    ...input,
    objectives: [
      { metric: 'worst fold', goal: 'maximize' },
      { metric: 'loss', goal: 'minimize' },
    ],
  }),
  status,
);

const POINT = { lr: 0.001, layers: 3, dropout: 0.2, optimizer: 'adam', mixed: 'two', amp: true, seed: 7 };

/** Returns a trial that is complete after two attempts, with the given changes. */
export function createTrial(number: number, changes: Partial<TrialDetail> = {}): TrialDetail {
  return {
    id: String(number),
    role: 'search',
    number,
    baseline: null,
    confirms: null,
    state: 'complete',
    point: POINT,
    seed: 1,
    source: 'model',
    fallback: null,
    value: 0.25,
    feasible: true,
    metrics: { 'worst fold': 0.5, loss: 9 },
    reason: null,
    attempts: [
      createAttempt('expired', [{ step: 1, value: 0.9 }]),
      createAttempt('reported', [
        { step: 1, value: 0.75 },
        { step: 2, value: 0.5 },
        { step: 10, value: 0.25 },
      ]),
    ],
    progress: null,
    pruning: null,
    createdAt: '2026-11-29T10:00:01.000Z',
    settledAt: '2026-11-29T10:01:00.000Z',
    curve: [0.75, 0.5, 0.25],
    provenance: {},
    ...changes,
  };
}

type Attempt = TrialDetail['attempts'][number];

export function createAttempt(outcome: Attempt['outcome'], values: Attempt['values'] = []): Attempt {
  const startedAt = '2026-11-29T10:00:30.000Z';
  const finishedAt = outcome === 'running' ? null : '2026-11-29T10:01:00.000Z';
  return { id: '', worker: 'tester', startedAt, finishedAt, outcome, reason: null, values, losses: [] };
}

/** A trial in each state that an export treats differently. */
export const trials: TrialDetail[] = [
  createTrial(0),
  createTrial(1, {
    point: { ...POINT, optimizer: 'sgd', momentum: 0.5, mixed: 1 },
    value: 0.125,
    metrics: {},
    curve: [],
    attempts: [createAttempt('reported')],
  }),
  createTrial(2, { state: 'pruned', value: 0.9, metrics: {} }),
  createTrial(3, {
    state: 'failed',
    value: null,
    metrics: {},
    reason: 'out of "memory"',
    curve: [],
    attempts: [createAttempt('failed', [{ step: 4, value: 3 }])],
  }),
  createTrial(4, {
    state: 'running',
    value: null,
    metrics: {},
    curve: [],
    settledAt: null,
    attempts: [createAttempt('running', [{ step: 5, value: 0.625 }])],
  }),
  createTrial(5, { state: 'pending', value: null, metrics: {}, curve: [], settledAt: null, attempts: [] }),
];

export async function* iterate<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Joins the parts of an export. */
export async function join(parts: AsyncIterable<string | Uint8Array>): Promise<Buffer> {
  return Buffer.concat((await collect(parts)).map((part) => Buffer.from(part as string)));
}
