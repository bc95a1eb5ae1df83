import { randomUUID } from 'node:crypto';
import type { Point } from '@gradsmith/bayesopt';
import { describe, expect, test } from 'vitest';
import { type Progress, type TrialRecord } from '../../src/domain/index.ts';
import { buildSearchSpace, parseJob, listReportSteps, listRungs, type JobSpec } from '../../src/spec/index.ts';
import {
  startTrial,
  recordHeartbeat,
  completeTrial,
  listObservations,
  type HeartbeatAnswer,
} from '../../src/trials/index.ts';
import { invalidateTrial } from '../../src/trials/invalidate-trial.ts';
import { job, jobInput } from '../support/jobs.ts';
import { RUNTIME, World } from '../support/world.ts';

const LEASE = { leaseMs: 30_000 };
/** 20 steps an epoch, 3 epochs. */
const objective = {
  ...jobInput.objective,
  dataset: { name: 'two-gaussians', train: 1000, validation: 100 },
  epochs: 3,
};

function createPrunedSpec(pruning: unknown, changes: { confirm?: object; objective?: object } = {}): JobSpec {
  return job({
    objective,
    search: { ...jobInput.search, trials: 40, maxParallelism: 40, initial: 40, pruning },
    ...changes,
  });
}

const createExternalSpec = (pruning: unknown, direction: string): JobSpec =>
  parseJob({
    name: 'external',
    objective: { kind: 'external', metric: { name: 'score', direction } },
    space: { x: { type: 'float', low: 0, high: 1 } },
    search: { trials: 40, maxParallelism: 40, initial: 40, pruning },
  });

/** A job whose trials the test starts, reports and completes. */
async function startJob(spec: JobSpec, choosePoint?: (number: number) => Point) {
  const world = new World();
  const rest: Record<string, number> =
    spec.objective.kind === 'external' ? {} : { 'relu2.b': 0, 'relu2.v': 1, 'relu2.d': 0 };
  world.suggest = ({ number }) => ({
    kind: 'point',
    source: 'initial',
    point: choosePoint?.(number) ?? {
      [spec.objective.kind === 'external' ? 'x' : 'relu2.u']: number / 100,
      ...rest,
    },
  });
  world.workers[0]!.slots = 50;
  const id = await world.create(spec);
  await world.round();
  const attempts = new Map<string, string>();
  const ref = (trialId: string) => ({ jobId: id, trialId, attemptId: attempts.get(trialId)! });
  return {
    world,
    id,
    start: async (trialId: string | number) => {
      attempts.set(String(trialId), randomUUID());
      expect(
        await startTrial(world.ledger, ref(String(trialId)), { worker: 'w', runtime: RUNTIME }, LEASE),
      ).toMatchObject({
        kind: 'started',
      });
    },
    beat: async (trialId: string | number, step: number, value: number): Promise<HeartbeatAnswer> => {
      const isAulc = spec.objective.kind === 'training' && spec.objective.metric === 'aulc';
      const partialSum = isAulc ? value : step;
      const measured: Progress = isAulc ? { step, partialSum } : { step, partialSum, value };
      const progress = spec.objective.kind === 'external' ? { step, value } : measured;
      return recordHeartbeat(world.ledger, ref(String(trialId)), progress, LEASE);
    },
    tell: async (trialId: string | number, value: number, outcome: 'complete' | 'pruned' = 'complete') =>
      completeTrial(world.ledger, ref(String(trialId)), { outcome, value, metrics: {}, curve: '', provenance: {} }),
    trial: async (trialId: string | number): Promise<TrialRecord> =>
      (await world.ledger.readTrials(id, [String(trialId)]))[0]!,
    rungs: async () => world.ledger.transact(id, { rungs: true }, (draft) => draft.rungs),
    job: async () => (await world.ledger.readJob(id)).job,
  };
}

describe('proven', () => {
  test('stops a trial once its area exceeds that of every point to be confirmed, and not before', async () => {
    const one = await startJob(createPrunedSpec('proven', { confirm: { top: 2, seeds: 1 } }));
    for (const n of [0, 1, 2, 3]) await one.start(n);
    await one.tell(0, 0.5);
    // One value is known, two would be confirmed: nothing is proven.
    expect(await one.beat(2, 30, 9)).toBe('continue');
    await one.tell(1, 0.7);
    expect(await one.beat(3, 30, 0.7)).toBe('continue');
    expect(await one.beat(3, 31, 0.71)).toBe('prune');
    // Asked again it answers the same, whatever is said.
    expect(await one.beat(3, 32, 0.1)).toBe('prune');
    expect((await one.trial(3)).pruning).toEqual({ step: 31, value: 0.71, threshold: 0.7 });
    expect(await one.tell(3, 0.72, 'pruned')).toBe('reported');
    expect(await one.trial(3)).toMatchObject({ state: 'pruned', pruning: { threshold: 0.7 }, result: { value: 0.72 } });
    expect(await one.job()).toMatchObject({ best: { number: 0 }, leaders: [0.5, 0.7], counts: { pruned: 1 } });
  });

  test('a trial that completes nevertheless is complete', async () => {
    const one = await startJob(createPrunedSpec('proven', { confirm: { top: 1, seeds: 1 } }));
    for (const n of [0, 1]) await one.start(n);
    await one.tell(0, 0.5);
    expect(await one.beat(1, 59, 0.6)).toBe('prune');
    await one.tell(1, 0.61);
    expect(await one.trial(1)).toMatchObject({ state: 'complete', pruning: null });
  });

  test('ignores an invalidated best trial', async () => {
    const one = await startJob(createPrunedSpec('proven', { confirm: { top: 1, seeds: 1 } }));
    for (const n of [0, 1, 2]) await one.start(n);
    await one.tell(0, 0.1);
    await one.tell(1, 0.5);
    await invalidateTrial(one.world.ledger, one.id, '0', 'bad disk');
    expect(await one.beat(2, 10, 0.4)).toBe('continue');
    expect(await one.beat(2, 20, 0.6)).toBe('prune');
  });

  test('never stops reference or confirmation', async () => {
    const one = await startJob(createPrunedSpec('proven', { confirm: { top: 1, seeds: 1 } }));
    await one.start('reference');
    await one.start(0);
    await one.tell(0, 0.1);
    expect(await one.beat('reference', 59, 5)).toBe('continue');
  });
});

describe('median', () => {
  test('compares at tenths of the steps, with at least five others', async () => {
    expect(listRungs(createPrunedSpec('median'))).toEqual([6, 12, 18, 24, 30, 36, 42, 48, 54]);
    const one = await startJob(createPrunedSpec('median'));
    for (const n of [0, 1, 2, 3, 4, 5, 6]) await one.start(n);
    for (const n of [0, 1, 2, 3, 4]) expect(await one.beat(n, 6, 1 + n / 10)).toBe('continue');
    // Between two rungs nothing is compared.
    expect(await one.beat(5, 5, 7)).toBe('continue');
    expect(await one.beat(5, 6, 1.2)).toBe('continue');
    expect(await one.beat(6, 6, 1.31)).toBe('prune');
    expect((await one.trial(6)).pruning).toEqual({ step: 6, value: 1.31, threshold: 1.2 });
  });

  test('a repeated report counts once, and so does a trial that is trained again', async () => {
    const one = await startJob(createPrunedSpec('median'));
    for (const n of [0, 1, 2, 3, 4, 5]) await one.start(n);
    for (let i = 0; i < 9; i++) expect(await one.beat(0, 6, 0)).toBe('continue');
    for (const n of [1, 2, 3]) await one.beat(n, 6, 0);
    // Four others, however often they spoke.
    expect(await one.beat(4, 6, 3)).toBe('continue');
    expect(await one.beat(5, 6, 3)).toBe('prune');
  });
});

describe('asha', () => {
  test('continues a third of the trials at a rung', async () => {
    expect(listRungs(createPrunedSpec('asha'))).toEqual([3, 7, 20]);
    const one = await startJob(createPrunedSpec('asha'));
    const answers: HeartbeatAnswer[] = [];
    for (let n = 0; n < 9; n++) {
      await one.start(n);
      answers.push(await one.beat(n, 3, [5, 4, 6, 3, 7, 4.5, 2, 8, 3.5][n]!));
    }
    // The first always continues, because it has no rivals; then each trial among the best third so far.
    expect(answers).toEqual([
      'continue',
      'continue',
      'prune',
      'continue',
      'prune',
      'prune',
      'continue',
      'prune',
      'continue',
    ]);
    expect(await one.beat(0, 7, 6)).toBe('continue');
  });

  test('ignores the rungs of an invalidated trial', async () => {
    const one = await startJob(createPrunedSpec('asha'));
    for (const n of [0, 1, 2]) await one.start(n);
    await one.beat(0, 3, 0);
    await one.beat(0, 7, 0);
    await one.tell(0, 0);
    await invalidateTrial(one.world.ledger, one.id, '0', 'wrong data');
    expect(await one.beat(1, 3, 1)).toBe('continue');
    expect(await one.beat(1, 7, 1)).toBe('continue');
    expect(await one.beat(2, 3, 1.1)).toBe('prune');
  });

  test('of an external objective starts at its first step and follows its direction', async () => {
    const spec = createExternalSpec('asha', 'maximize');
    expect(listRungs(spec).slice(0, 5)).toEqual([1, 3, 9, 27, 81]);
    const one = await startJob(spec);
    for (const n of [0, 1]) await one.start(n);
    expect(await one.beat(0, 1, 0.9)).toBe('continue');
    // A program that reports every second step is held against the rung it has passed.
    expect(await one.beat(1, 2, 0.8)).toBe('prune');
  });
});

describe('predicted', () => {
  /** Trials 0 … 4 are complete; each has a constant loss of `c`, so its area at step s of 60 is c·s/60. */
  const startWithFive = async (spec: JobSpec) => {
    const one = await startJob(spec);
    const areaAt = (step: number, c: number): number => (c * step) / 60;
    for (let n = 0; n < 10; n++) await one.start(n);
    for (const [n, c] of [0.5, 0.6, 0.7, 0.8, 0.9].entries()) {
      for (const step of [3, 6]) expect(await one.beat(n, step, areaAt(step, c))).toBe('continue');
      await one.tell(n, c);
    }
    return { ...one, areaAt };
  };
  const spec = createPrunedSpec('predicted', { confirm: { top: 2, seeds: 1 } });

  test('stops a trial once its predicted value is worse than every point to be confirmed', async () => {
    expect(listRungs(spec)).toHaveLength(19);
    const one = await startWithFive(spec);
    // Nothing is decided at the first rung, and at the second one both must agree.
    expect(await one.beat(5, 3, one.areaAt(3, 0.59))).toBe('continue');
    expect(await one.beat(6, 3, one.areaAt(3, 0.61))).toBe('continue');
    expect(await one.beat(5, 6, one.areaAt(6, 0.7))).toBe('continue');
    expect(await one.beat(6, 6, one.areaAt(6, 0.61))).toBe('prune');
    expect((await one.trial(6)).pruning).toEqual({ step: 6, value: expect.closeTo(0.61, 10), threshold: 0.6 });
  });

  test('tells the model the predicted bound of a pruned trial, and not its area so far', async () => {
    const one = await startWithFive(spec);
    for (const step of [3, 6]) await one.beat(6, step, one.areaAt(step, 0.7));
    await one.tell(6, one.areaAt(6, 0.7), 'pruned');
    const { job } = await one.world.ledger.readJob(one.id);
    const seen = listObservations(spec, await one.world.ledger.readAllTrials(job), job.seq);
    expect(seen.find(({ number }) => number === 6)).toMatchObject({ status: 'pruned', value: expect.closeTo(0.7, 10) });
  });

  test.each(['minimize', 'maximize'])('compares the predicted value with the penalty (%s)', async (direction) => {
    const isLoss = direction === 'minimize';
    const derivative = { kind: 'dictionary', bases: ['relu', 'silu'], penalty: 0.1 };
    const metric = isLoss ? 'validation-loss' : 'validation-accuracy';
    const penalized = createPrunedSpec('predicted', {
      objective: { ...objective, metric, backward: [{ layer: 'relu2', derivative }] },
      confirm: { top: 2, seeds: 1 },
    });
    const [first, second] = Object.keys(buildSearchSpace(penalized).space);
    // The first five trials have a penalty of .2, the others none.
    const choosePoint = (n: number): Point => ({ [first!]: n < 5 ? 2 : 0, [second!]: 0 });
    const one = await startJob(penalized, choosePoint);
    for (let n = 0; n < 8; n++) await one.start(n);
    const sign = isLoss ? 1 : -1;
    for (let n = 0; n < 5; n++) {
      const measured = 0.5 + (sign * n) / 100;
      for (const step of [3, 6]) expect(await one.beat(n, step, measured)).toBe('continue');
      await one.tell(n, measured + sign * 0.2);
    }
    // Metric .6 without a penalty: a value of .6, better than the leaders' .7 and .71. (Scores: .4, .3 and .29.)
    for (const step of [3, 6]) expect(await one.beat(5, step, 0.5 + sign * 0.1)).toBe('continue');
    expect(await one.beat(6, 3, 0.5 + sign * 0.22)).toBe('continue');
    expect(await one.beat(6, 6, 0.5 + sign * 0.22)).toBe('prune');
    expect((await one.trial(6)).pruning!.value).toBeCloseTo(0.5 + sign * 0.22, 10);
  });

  test('needs five complete trials, and forgets those that were invalidated', async () => {
    const one = await startWithFive(spec);
    await invalidateTrial(one.world.ledger, one.id, '0', 'wrong data');
    expect((await one.rungs()).finals).toHaveLength(4);
    for (const step of [3, 6]) expect(await one.beat(6, step, one.areaAt(step, 0.9))).toBe('continue');
  });

  test('of a score that programs report follows its direction', async () => {
    const one = await startJob(createExternalSpec('predicted', 'maximize'));
    for (let n = 0; n < 8; n++) await one.start(n);
    for (let n = 0; n < 5; n++) {
      for (const step of [1, 2]) await one.beat(n, step, n / 10);
      await one.tell(n, n / 10 + 0.2);
    }
    for (const step of [1, 2]) expect(await one.beat(5, step, 0.45)).toBe('continue');
    expect(await one.beat(6, 1, 0.35)).toBe('continue');
    expect(await one.beat(6, 2, 0.35)).toBe('prune');
    expect((await one.trial(6)).pruning).toEqual({
      step: 2,
      value: expect.closeTo(0.55, 10),
      threshold: expect.closeTo(0.6, 10),
    });
  });
});

describe('a training with another metric', () => {
  const validated = (pruning: unknown, metric: string, evaluateEvery?: number): JobSpec =>
    createPrunedSpec(pruning, { objective: { ...objective, metric, ...(evaluateEvery && { evaluateEvery }) } });

  test('measures where trials are compared, and at each evaluateEvery', () => {
    expect(listReportSteps(validated('none', 'validation-loss'))).toEqual([]);
    expect(listReportSteps(validated('none', 'validation-loss', 25))).toEqual([25, 50]);
    expect(listRungs(validated('none', 'validation-loss', 25))).toEqual([]);
    expect(listReportSteps(validated('median', 'validation-loss'))).toEqual([6, 12, 18, 24, 30, 36, 42, 48, 54]);
    expect(listRungs(validated('median', 'final-loss', 20))).toEqual([20, 40]);
    // A rung at each of 59 measurements would make the record of their values large.
    expect(listRungs(validated('median', 'final-loss', 1))).toEqual([6, 12, 18, 24, 30, 36, 42, 48, 54]);
    expect(listReportSteps(validated('median', 'final-loss', 1))).toHaveLength(59);
    expect(listReportSteps(validated('asha', 'final-loss'))).toEqual([3, 7, 20]);
    expect(listRungs(validated('asha', 'validation-loss', 5))).toEqual([5, 10, 20]);
    expect(listReportSteps(validated('asha', 'validation-loss', 30))).toEqual([30]);
    expect(listReportSteps(validated({ rule: 'patience', steps: 9 }, 'validation-loss'))).toHaveLength(9);
  });

  test.each([
    ['validation-loss', [0.5, 0.6, 0.7, 0.8, 0.9], 0.71, 0.69],
    ['validation-accuracy', [0.5, 0.6, 0.7, 0.8, 0.9], 0.69, 0.71],
  ])('is pruned by median on %s', async (metric, others, worse, better) => {
    const one = await startJob(validated('median', metric));
    for (const n of [0, 1, 2, 3, 4, 5, 6]) await one.start(n);
    for (const [n, value] of others.entries()) expect(await one.beat(n, 6, value)).toBe('continue');
    expect(await one.beat(5, 6, worse)).toBe('prune');
    expect(await one.beat(6, 6, better)).toBe('continue');
    expect((await one.trial(5)).pruning).toEqual({ step: 6, value: worse, threshold: 0.7 });
  });

  test('is not compared where it was not measured', async () => {
    const one = await startJob(validated('asha', 'validation-accuracy'));
    for (const n of [0, 1]) await one.start(n);
    await one.beat(0, 3, 0.9);
    const ref = (await one.trial(1)).lease!;
    const at = { jobId: one.id, trialId: '1', attemptId: ref.attemptId };
    expect(await recordHeartbeat(one.world.ledger, at, { step: 3, partialSum: 9 }, LEASE)).toBe('continue');
    expect(await one.beat(1, 7, 0.1)).toBe('continue');
  });
});

test.each([
  ['validation-loss', [0.2, 0.3, 0.4], 2.3, 0.25],
  ['validation-accuracy', [0.9, 0.8, 0.7], 0.1, 0.85],
])(
  'the model learns of %s that a pruned trial is in the worse half, not its early value',
  async (metric, ends, early, other) => {
    const spec = createPrunedSpec('asha', { objective: { ...objective, metric } });
    const one = await startJob(spec);
    for (const n of [0, 1, 2, 3, 4]) await one.start(n);
    await one.tell(3, early, 'pruned');
    const listValues = async () => {
      const { job } = await one.world.ledger.readJob(one.id);
      const trials = await one.world.ledger.readAllTrials(job);
      return listObservations(spec, trials, job.seq)
        .slice(0, 5)
        .map(({ value }) => value);
    };
    expect((await listValues())[3]).toBe(early);
    for (const [n, value] of ends.entries()) await one.tell(n, value);
    await one.tell(4, other, 'pruned');
    expect(await listValues()).toEqual([...ends, ends[1], other]);
  },
);

describe.each(['minimize', 'maximize'] as const)(
  'a trial that others at its step were better than, %s',
  (direction) => {
    const sign = direction === 'minimize' ? 1 : -1;

    test.each(['median', 'asha'])('is learned with a final value as far from the others: %s', async (rule) => {
      const spec = createExternalSpec(rule, direction);
      const one = await startJob(spec);
      const list = async (seenSeq?: number) => {
        const { job } = await one.world.ledger.readJob(one.id);
        const trials = await one.world.ledger.readAllTrials(job);
        const seen = listObservations(spec, trials, seenSeq ?? job.seq);
        return new Map(seen.filter(({ number }) => number < 9).map((each) => [each.number, each]));
      };
      for (const n of Array.from({ length: 9 }, (_, i) => i)) await one.start(n);
      // Early values are far from those at the end, as a loss that falls and an accuracy that rises.
      for (const n of [0, 1, 2, 3, 4, 5, 6]) await one.beat(n, 1, sign * (2 + n / 10));
      expect(await one.beat(7, 1, sign * 4)).toBe('prune');
      await one.tell(7, sign * 4, 'pruned');
      const { pruning } = await one.trial(7);
      // Nothing is complete: there is only the bound.
      expect((await list()).get(7)).toMatchObject({ status: 'pruned', value: sign * 4 });

      for (const n of [0, 1]) await one.tell(n, sign * (0.1 + n / 50));
      expect(await one.beat(8, 1, sign * 5)).toBe('prune');
      await one.tell(8, sign * 5, 'pruned');
      const { pruning: later } = await one.trial(8);
      const { seq } = await one.job();
      const expected = sign * 0.11 + (sign * 5 - later!.threshold);
      expect((await list()).get(8)).toMatchObject({ status: 'complete', value: expect.closeTo(expected, 10) });
      expect(sign * expected).toBeGreaterThan(0.12);
      // Between both complete values, whichever direction is better.
      // The trial that was pruned before any was complete keeps its bound: the median of that time is not known.
      expect((await list()).get(7)).toMatchObject({ status: 'pruned', value: sign * 4 });
      expect(pruning!.value).toBe(sign * 4);

      // Later results, and the removal of an earlier one, do not change what a suggestion of that time saw.
      const seen = await list(seq);
      await one.tell(3, sign * 0.01);
      await invalidateTrial(one.world.ledger, one.id, '1', 'a wrong disk');
      expect(await list(seq)).toEqual(seen);
      expect((await list()).get(8)).toMatchObject({ status: 'complete' });
    });
  },
);

test('the distance of an area grows with the steps that it does not have yet', async () => {
  const spec = createPrunedSpec('median');
  const one = await startJob(spec);
  for (const n of [0, 1, 2, 3, 4, 5, 6]) await one.start(n);
  for (const n of [0, 1, 2, 3, 4]) await one.beat(n, 6, 0.2);
  await one.tell(0, 1);
  expect(await one.beat(6, 6, 0.25)).toBe('prune');
  await one.tell(6, 0.25, 'pruned');
  const { job } = await one.world.ledger.readJob(one.id);
  const seen = listObservations(spec, await one.world.ledger.readAllTrials(job), job.seq);
  // A tenth of 60 steps: .05 more by then, ten times as much at the end.
  expect(seen[6]).toMatchObject({ status: 'complete', value: expect.closeTo(1.5, 10) });
});

describe('patience', () => {
  const patient = { rule: 'patience', steps: 10 };

  test.each([
    ['minimize', 1],
    ['maximize', -1],
  ])('stops a trial without progress that is worse than the best: %s', async (direction, sign) => {
    const one = await startJob(createExternalSpec(patient, direction));
    for (const n of [0, 1, 2]) await one.start(n);
    // Nothing is complete yet, so nothing can be worse.
    for (const step of [1, 5, 30]) expect(await one.beat(0, step, sign * 2)).toBe('continue');
    await one.tell(0, sign * 2);
    expect(await one.beat(1, 1, sign * 3)).toBe('continue');
    expect(await one.beat(1, 8, sign * 4)).toBe('continue');
    expect(await one.beat(1, 9, sign * 2.9)).toBe('continue');
    expect(await one.beat(1, 18, sign * 3)).toBe('continue');
    expect(await one.beat(1, 19, sign * 2.9)).toBe('prune');
    expect((await one.trial(1)).pruning).toEqual({ step: 19, value: sign * 2.9, threshold: sign * 2.9 });
    // Better than the best: it goes on, however long it stands still.
    await one.beat(2, 1, sign * 1);
    expect(await one.beat(2, 100, sign * 5)).toBe('continue');
  });

  test('counts from the start in a new attempt', async () => {
    const one = await startJob(createExternalSpec(patient, 'minimize'));
    for (const n of [0, 1]) await one.start(n);
    await one.tell(0, 0);
    await one.beat(1, 1, 1);
    one.world.store.now += 60_000;
    await one.world.round();
    await one.start(1);
    expect(await one.beat(1, 50, 3)).toBe('continue');
    expect(await one.beat(1, 59, 3)).toBe('continue');
    expect(await one.beat(1, 60, 3)).toBe('prune');
  });
});

test('a new attempt starts unpruned', async () => {
  const one = await startJob(createPrunedSpec('asha'));
  for (const n of [0, 1]) await one.start(n);
  await one.beat(0, 3, 1);
  expect(await one.beat(1, 3, 2)).toBe('prune');
  one.world.store.now += 60_000;
  await one.world.round();
  await one.start(1);
  expect((await one.trial(1)).pruning).toBeNull();
  expect(await one.beat(1, 2, 0.1)).toBe('continue');
  expect(await one.beat(1, 3, 2)).toBe('prune');
});

test.each(['median', 'asha'])(
  'under %s a training that goes on from a checkpoint is not held against the rungs it has passed before',
  async (pruning) => {
    const one = await startJob(createPrunedSpec(pruning));
    const rungs = listRungs(createPrunedSpec(pruning));
    for (const n of [0, 1, 2, 3, 4, 5]) await one.start(n);
    for (const rung of rungs) for (const n of [5, 0, 1, 2, 3, 4]) await one.beat(n, rung, rung / 100 + n / 1000);
    const before = await one.rungs();
    one.world.store.now += 60_000;
    await one.world.round();
    await one.start(5);
    expect(await one.beat(5, rungs.at(-1)! + 2, 0.9)).toBe('continue');
    expect(await one.rungs()).toEqual(before);
  },
);

describe('a job that cannot prune is refused', () => {
  const problem = (make: () => unknown): unknown => {
    try {
      return make();
    } catch (error) {
      return (error as { problems: unknown }).problems;
    }
  };
  test('with another metric or an external objective for proven, with an unknown rule', () => {
    const validated = { objective: { ...objective, metric: 'validation-loss' } };
    expect(problem(() => createPrunedSpec('proven', validated))).toMatchObject([
      { path: ['search', 'pruning'], message: expect.stringContaining('validation-loss') },
    ]);
    expect(problem(() => createPrunedSpec({ rule: 'patience', steps: 5 }))).toMatchObject([
      { path: ['search', 'pruning'], message: expect.stringContaining('can improve') },
    ]);
    expect(problem(() => createExternalSpec('proven', 'minimize'))).toMatchObject([
      { path: ['search', 'pruning'], message: expect.stringContaining('median, asha, predicted or patience') },
    ]);
    expect(problem(() => createPrunedSpec('patience'))).toEqual([
      {
        path: ['search', 'pruning'],
        message: 'must be none, proven, median, asha, predicted or { rule: patience, steps: 100 }',
      },
    ]);
    expect(problem(() => createPrunedSpec({ rule: 'patience' }))).toMatchObject([
      { path: ['search', 'pruning', 'steps'] },
    ]);
  });

  test('with measurements of the metric that make no sense', () => {
    const measure = (changes: object) =>
      problem(() => createPrunedSpec('none', { objective: { ...objective, ...changes } }));
    const at = ['objective', 'evaluateEvery'];
    expect(measure({ evaluateEvery: 5 })).toMatchObject([{ path: at, message: expect.stringContaining('aulc') }]);
    expect(measure({ metric: 'validation-loss', evaluateEvery: 60 })).toMatchObject([
      { path: at, message: expect.stringContaining('60 steps') },
    ]);
    expect(measure({ metric: 'final-loss', evaluateEvery: 1, epochs: 100 })).toMatchObject([
      { path: at, message: expect.stringContaining('1999 measurements') },
    ]);
  });
});
