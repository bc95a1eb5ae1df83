import { InvalidInput, type Progress } from '@gradsmith/core/domain';
import {
  acquireJobLease,
  advanceJobState,
  createJob,
  deleteJob,
  exportJob,
  importJob,
  steerJob,
  streamJobDocument,
} from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { parseJob } from '@gradsmith/core/spec';
import {
  askTrial,
  completeTrial,
  createTrial,
  readTrialDetail,
  recordHeartbeat,
  releaseTrial,
  type AttemptRef,
  type HeartbeatAnswer,
} from '@gradsmith/core/trials';
import { describe, expect, test } from 'vitest';
import { LONG, OVER, createResult, searchTrial } from './bench.ts';
import type { Stage } from './stage.ts';

const JOB = 'job_reports';
const FENCED = { jobId: JOB, fence: 1 };

/** A job under `asha` that minimizes: at its steps 1, 3, 9, … the first value is the limit for those after it. */
const spec = parseJob({
  name: 'reports',
  objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
  space: { x: { type: 'float', low: 0, high: 1 } },
  search: { trials: 4, maxParallelism: 4, pruning: 'asha' },
});

/** How the ledger handles intermediate values from a worker, a module or an external program. */
export function testProgressReports(stage: Stage): void {
  const start = async (): Promise<{ ledger: Ledger; refs: AttemptRef[] }> => {
    const ledger = new Ledger(stage.store);
    await createJob(ledger, JOB, spec);
    await acquireJobLease(ledger, JOB, 'coordinator', OVER);
    await advanceJobState(ledger, FENCED, 'start');
    const refs: AttemptRef[] = [];
    for (let n = 0; n < 3; n++) {
      await createTrial(ledger, FENCED, { ...searchTrial(n), point: { x: n / 10 } });
      await askTrial(ledger, JOB, `attempt-${n}`, 'program', { leaseMs: LONG });
      refs.push({ jobId: JOB, trialId: String(n), attemptId: `attempt-${n}` });
    }
    return { ledger, refs };
  };
  const report = async (ledger: Ledger, ref: AttemptRef, step: number, value: number): Promise<HeartbeatAnswer> =>
    recordHeartbeat(ledger, ref, { step, value }, { leaseMs: LONG });
  const readTrial = async (ledger: Ledger, { trialId }: AttemptRef) => (await ledger.readTrials(JOB, [trialId]))[0]!;

  describe('a trial that a report pruned', () => {
    const startPruned = async () => {
      const { ledger, refs } = await start();
      const [leader, ref] = refs as [AttemptRef, AttemptRef];
      expect(await report(ledger, leader, 1, 1)).toBe('continue');
      expect(await report(ledger, ref, 1, 2)).toBe('prune');
      return { ledger, leader, ref };
    };

    test('and that completes nevertheless counts as complete, and can be the best', async () => {
      const { ledger, ref, leader } = await startPruned();
      expect(await completeTrial(ledger, leader, createResult(0.5))).toBe('reported');
      expect(await completeTrial(ledger, ref, createResult(0.25))).toBe('reported');
      expect(await readTrial(ledger, ref)).toMatchObject({ state: 'complete', pruning: null, result: { value: 0.25 } });
      expect((await ledger.readJob(JOB)).job).toMatchObject({
        best: { number: 1, value: 0.25 },
        counts: { complete: 2, pruned: 0 },
      });
    });

    test('and reported as pruned keeps the decision, and is never the best', async () => {
      const { ledger, ref, leader } = await startPruned();
      expect(await completeTrial(ledger, leader, createResult(0.5))).toBe('reported');
      expect(await completeTrial(ledger, ref, createResult(0.25, { outcome: 'pruned' }))).toBe('reported');
      expect(await readTrial(ledger, ref)).toMatchObject({
        state: 'pruned',
        pruning: { step: 1, value: 2, threshold: 1 },
      });
      expect((await ledger.readJob(JOB)).job.best).toMatchObject({ number: 0 });
    });

    test('gets the answer prune at every later report, for any step and value', async () => {
      const { ledger, ref } = await startPruned();
      for (const [step, value] of [
        [1, 2],
        [1, 0],
        [0, 0],
        [3, 0],
      ] as const)
        expect(await report(ledger, ref, step, value)).toBe('prune');
      expect((await readTrial(ledger, ref)).pruning).toEqual({ step: 1, value: 2, threshold: 1 });
    });
  });

  describe('reports', () => {
    const points = async (ledger: Ledger, refs: readonly AttemptRef[]) =>
      (await ledger.readReports(JOB, refs)).map((record) => record?.values?.points ?? null);

    test('are kept while the attempt runs, and stay as its history when it dies', async () => {
      const { ledger, refs } = await start();
      const [ref, other] = refs as [AttemptRef, AttemptRef];
      for (const step of [1, 2, 5]) await report(ledger, ref, step, step / 10);
      await report(ledger, ref, 4, 9);
      expect(await points(ledger, [ref, other])).toEqual([
        [
          [1, 0.1],
          [2, 0.2],
          [5, 0.5],
        ],
        null,
      ]);
      await releaseTrial(ledger, ref, 'the program died');
      await askTrial(ledger, JOB, 'next', 'program', { leaseMs: LONG });
      const next = { ...ref, attemptId: 'next' };
      await report(ledger, next, 3, 7);
      const detail = await readTrialDetail(ledger, JOB, '0');
      expect(detail.reports.map(({ values }) => values.length)).toEqual([3, 1]);
      expect(detail.reports[1]).toEqual({ values: [{ step: 3, value: 7 }], losses: [] });
      expect(await report(ledger, ref, 6, 0)).toBe('stale');
      expect((await points(ledger, [ref]))[0]).toHaveLength(3);
    });

    test('of many programs at once are all kept, and do not change the job record', async () => {
      const { ledger, refs } = await start();
      const other = new Ledger(await stage.open());
      const { job } = await ledger.readJob(JOB);
      const steps = Array.from({ length: 20 }, (_, i) => 2 * i);
      await Promise.all(
        refs.map(async (ref, i) => {
          for (const step of steps) await report(i % 2 ? other : ledger, ref, step, step);
        }),
      );
      expect(await points(ledger, refs)).toEqual(refs.map(() => steps.map((step) => [step, step])));
      expect((await ledger.readJob(JOB)).job).toEqual(job);
    });

    test('travel with the job in its document', async () => {
      const { ledger, refs } = await start();
      await report(ledger, refs[0]!, 1, 0.5);
      await steerJob(ledger, JOB, 'cancel', null);
      const document = await exportJob(ledger, JOB);
      expect(document.reports).toEqual({ 0: { 'attempt-0': { ...(await ledger.readReports(JOB, refs))[0] } } });
      let streamed = '';
      for await (const text of streamJobDocument(ledger, await ledger.readJob(JOB))) streamed += text;
      expect(JSON.parse(streamed)).toEqual(document);
      await deleteJob(ledger, JOB);
      expect(await points(ledger, refs)).toEqual([null, null, null]);
      await importJob(ledger, document);
      expect(await points(ledger, refs)).toEqual([[[1, 0.5]], null, null]);
    });
  });

  describe('a report', () => {
    test('of an earlier step changes nothing but the lease', async () => {
      const { ledger, refs } = await start();
      const [ref, other] = refs as [AttemptRef, AttemptRef];
      expect(await report(ledger, ref, 3, 1)).toBe('continue');
      const before = await readTrial(ledger, ref);
      expect(await recordHeartbeat(ledger, ref, { step: 2, value: 0 }, { leaseMs: 2 * LONG })).toBe('continue');
      const { lease, ...rest } = await readTrial(ledger, ref);
      expect({ ...rest, lease: before.lease }).toEqual(before);
      expect(lease!.expiresAt).toBeGreaterThan(before.lease!.expiresAt + LONG / 2);
      // Nor does it set the limit at a step where trials are compared.
      expect(await report(ledger, ref, 1, -9)).toBe('continue');
      expect(await report(ledger, other, 1, 5)).toBe('continue');
      expect(await report(ledger, ref, 4, 2)).toBe('continue');
      expect((await readTrial(ledger, ref)).progress).toEqual({ step: 4, value: 2 });
    });

    test('of the same step again, with any value, keeps the first', async () => {
      const { ledger, refs } = await start();
      const [leader, ref, third] = refs as [AttemptRef, AttemptRef, AttemptRef];
      await report(ledger, leader, 1, 1);
      expect(await report(ledger, ref, 1, 0.5)).toBe('continue');
      expect(await report(ledger, ref, 1, 0.5)).toBe('continue');
      // Better, and worse than the limit.
      for (const value of [-9, 9]) expect(await report(ledger, ref, 1, value)).toBe('continue');
      expect(await readTrial(ledger, ref)).toMatchObject({ progress: { step: 1, value: 0.5 }, pruning: null });
      expect(await report(ledger, third, 1, 0.5)).toBe('continue');
    });

    test('of any step is new in another attempt', async () => {
      const { ledger, refs } = await start();
      const ref = refs[0]!;
      await report(ledger, ref, 9, 1);
      await releaseTrial(ledger, ref, 'moved');
      await askTrial(ledger, JOB, 'next', 'program', { leaseMs: LONG });
      const next = { ...ref, attemptId: 'next' };
      expect(await report(ledger, next, 2, 3)).toBe('continue');
      expect((await readTrial(ledger, next)).progress).toEqual({ step: 2, value: 3 });
    });

    test('of step 0 and of the largest whole number is recorded', async () => {
      const { ledger, refs } = await start();
      for (const step of [0, Number.MAX_SAFE_INTEGER]) {
        expect(await report(ledger, refs[0]!, step, 1)).toBe('continue');
        expect((await readTrial(ledger, refs[0]!)).progress).toEqual({ step, value: 1 });
      }
    });

    test.each<[string, Progress, string]>([
      ['step 2^53', { step: 2 ** 53, value: 1 }, 'step'],
      ['a negative step', { step: -1, value: 1 }, 'step'],
      ['half a step', { step: 0.5, value: 1 }, 'step'],
      ['NaN', { step: 7, value: Number.NaN }, 'step 7'],
      ['Infinity', { step: 7, value: Number.POSITIVE_INFINITY }, 'step 7'],
      ['a partial sum of NaN', { step: 7, partialSum: Number.NaN }, 'step 7'],
    ])('of %s is refused, names the step, and changes nothing', async (_, progress, named) => {
      const { ledger, refs } = await start();
      const before = await readTrial(ledger, refs[0]!);
      const refused = recordHeartbeat(ledger, refs[0]!, progress, { leaseMs: LONG });
      await expect(refused).rejects.toThrow(InvalidInput);
      await expect(refused).rejects.toThrow(named);
      expect(await readTrial(ledger, refs[0]!)).toEqual(before);
    });
  });
}
