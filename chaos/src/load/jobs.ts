import { parseJob, type JobSpec } from '@gradsmith/core/spec';
import { learningRateSearch } from '@gradsmith/testing';
import type { Random } from '../random.ts';

/** A job of the run and the action that its client performs on it. Both follow from the seed. */
export interface PlannedJob {
  key: string;
  spec: JobSpec;
  /** The action, and how many trials must be created before it; null: no action. */
  act: { after: number; what: Act } | null;
}
export type Act = 'pause' | 'extend' | 'cancel' | 'delete' | 'invalidate' | 'enqueue' | 'retry' | 'edit';

const acts: Record<Act | 'nothing', number> = {
  nothing: 40,
  pause: 15,
  extend: 12,
  enqueue: 10,
  invalidate: 8,
  cancel: 6,
  delete: 4,
  retry: 5,
  edit: 8,
};

/** @param webhook address that a part of the jobs notifies */
export function planJob(random: Random, seed: number, index: number, webhook: string): PlannedJob {
  const trials = random.int(8, 60);
  const what = random.weighted(acts);
  const spec = random.chance(0.6) ? createTrainingJob(random, index, trials) : createExternalJob(random, index, trials);
  return {
    key: `chaos-${seed}-${index}`,
    spec: index % 3 === 0 ? { ...spec, webhooks: [{ url: webhook, on: ['best', 'finished'] }] } : spec,
    act: what === 'nothing' ? null : { after: random.int(1, Math.max(1, trials - 2)), what },
  };
}

function createTrainingJob(random: Random, index: number, trials: number): JobSpec {
  const confirms = random.chance(0.3);
  return parseJob({
    name: `chaos-training-${index}`,
    labels: { kind: 'training' },
    ...learningRateSearch,
    objective: { ...learningRateSearch.objective, backend: 'cpu' },
    search: createSearch(random, trials),
    confirm: confirms ? { top: random.int(1, 2), seeds: random.int(1, 2) } : { top: 0, seeds: 0 },
    limits: createLimits(random),
  });
}

function createExternalJob(random: Random, index: number, trials: number): JobSpec {
  return parseJob({
    name: `chaos-external-${index}`,
    labels: { kind: 'external' },
    objective: { kind: 'external', metric: { name: 'loss', direction: random.pick(['minimize', 'maximize']) } },
    space: { x: { type: 'float', low: 0, high: 1 }, k: { type: 'int', low: 0, high: 9 } },
    search: createSearch(random, trials),
    limits: createLimits(random),
  });
}

function createSearch(random: Random, trials: number): object {
  const algorithm = random.weighted({ random: 5, sobol: 4, tpe: 2, gp: 1 });
  // `gp` fits a model for every suggestion: the budget is small, so that the run spends its time on the ledger.
  const budget = algorithm === 'gp' ? Math.min(trials, 15) : trials;
  return {
    algorithm,
    trials: budget,
    maxParallelism: random.int(1, 8),
    initial: random.int(2, 8),
    seed: random.int(0, 1e6),
  };
}

function createLimits(random: Random): object {
  return {
    attempts: random.pick([2, 5, 20]),
    maxFailures: random.pick([3, 100_000, 100_000]),
    backoff: '50ms',
    trialTimeout: '6s',
  };
}
