import { Conflict, InvalidInput, NotFound } from '@gradsmith/core/domain';
import { createJob, deleteJob, extendJob, steerJob, acquireJobLease, advanceJobState } from '@gradsmith/core/jobs';
import { fields, Ledger } from '@gradsmith/core/ledger';
import { expireTrial, failTrial, recordHeartbeat, invalidateTrial } from '@gradsmith/core/trials';
import { describe, expect, test } from 'vitest';
import { listIds } from '../list-ids.ts';
import { Bench, jobSpec, LONG, OVER } from './bench.ts';
import type { Stage } from './stage.ts';

/** create, pause, resume, cancel, extend, invalidate, delete. */
export function clientOperations(stage: Stage): void {
  describe('createJob', () => {
    test('records a job that is queued, listed and empty', async () => {
      const bench = await Bench.queued(stage.store, { trials: 7 });
      expect(await bench.job()).toMatchObject({
        id: bench.jobId,
        state: 'queued',
        budget: 7,
        nextNumber: 0,
        open: [],
        best: null,
        runtime: null,
        seq: 0,
      });
      expect((await bench.ledger.readJob(bench.jobId)).spec).toEqual(jobSpec({ trials: 7 }));
      expect(await listIds(stage.store)).toEqual([bench.jobId]);
      expect(await listIds(stage.store, { active: true })).toEqual([bench.jobId]);
    });

    test('again with the same specification finds the first, in any state', async () => {
      const ledger = new Ledger(stage.store);
      const first = await createJob(ledger, 'job_a', jobSpec());
      expect(await createJob(ledger, 'job_a', jobSpec())).toEqual({ job: first.job, created: false });
      await steerJob(ledger, 'job_a', 'cancel');
      expect(await createJob(ledger, 'job_a', jobSpec())).toMatchObject({
        job: { state: 'cancelled' },
        created: false,
      });
    });

    test('again with another specification is a conflict and changes nothing', async () => {
      const bench = await Bench.queued(stage.store, { trials: 2 });
      await bench.unchanged(() =>
        expect(createJob(bench.ledger, bench.jobId, jobSpec({ trials: 3 }))).rejects.toThrow(Conflict),
      );
      expect((await bench.ledger.readJob(bench.jobId)).spec.search.trials).toBe(2);
    });

    test('by many at once creates one', async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, async () => createJob(new Ledger(await stage.open()), 'job_a', jobSpec())),
      );
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(answers.map(({ job }) => JSON.stringify(job))).size).toBe(1);
    });
  });

  describe('pause, resume, cancel', () => {
    test('pause lets running trials finish and keeps pending ones', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial(0);
      await bench.createTrial(1);
      expect((await steerJob(bench.ledger, bench.jobId, 'pause')).state).toBe('paused');
      expect(await bench.completeTrial(ref)).toBe('reported');
      expect((await bench.trial(1)).state).toBe('pending');
      expect((await steerJob(bench.ledger, bench.jobId, 'resume')).state).toBe('running');
      await bench.completedTrial(1, 1);
    });

    test('cancel ends the job and its open trials at once', async () => {
      const bench = await Bench.running(stage.store);
      await bench.completedTrial(0, 4);
      await bench.startedTrial(1);
      await bench.createTrial(2);
      const job = await steerJob(bench.ledger, bench.jobId, 'cancel', 'no longer needed');
      expect(job).toMatchObject({
        state: 'cancelled',
        reason: 'no longer needed',
        open: [],
        counts: { complete: 1, cancelled: 2 },
        best: { number: 0 },
      });
      expect(await bench.trial(1)).toMatchObject({
        state: 'cancelled',
        lease: null,
        attempts: [{ outcome: 'cancelled' }],
        reason: 'no longer needed',
      });
      expect(await listIds(stage.store, { active: true })).toEqual([]);
      await bench.expectConsistent();
    });

    test.each(['cancel', 'pause'] as const)('%s repeated is no error and changes nothing', async (move) => {
      const bench = await Bench.running(stage.store);
      await steerJob(bench.ledger, bench.jobId, move);
      await bench.unchanged(() => steerJob(bench.ledger, bench.jobId, move));
    });

    test('resume of a running job is no error', async () => {
      const bench = await Bench.running(stage.store);
      await bench.unchanged(() => steerJob(bench.ledger, bench.jobId, 'resume'));
    });

    test.each([
      ['queued', 'pause'],
      ['queued', 'resume'],
      ['completed', 'cancel'],
      ['completed', 'pause'],
      ['completed', 'resume'],
      ['failed', 'cancel'],
      ['failed', 'resume'],
      ['cancelled', 'pause'],
      ['cancelled', 'resume'],
      ['exhausted', 'cancel'],
    ] as const)('a %s job refuses to %s, saying what would do', async (state, move) => {
      const bench =
        state === 'queued' ? await Bench.queued(stage.store) : await Bench.running(stage.store, { trials: 1 });
      if (state === 'completed') {
        await bench.completedTrial(0, 1);
        await advanceJobState(bench.ledger, bench.fenced, 'complete');
      }
      if (state === 'exhausted') await advanceJobState(bench.ledger, bench.fenced, 'exhaust');
      if (state === 'failed') await advanceJobState(bench.ledger, bench.fenced, 'fail', 'x');
      if (state === 'cancelled') await steerJob(bench.ledger, bench.jobId, 'cancel');
      expect((await bench.job()).state).toBe(state);
      await bench.unchanged(() =>
        expect(steerJob(bench.ledger, bench.jobId, move)).rejects.toThrow(/possible only while it is/),
      );
    });

    test('resume fails a job that had more failures than allowed while it was paused', async () => {
      const bench = await Bench.running(stage.store, { maxFailures: 0 });
      const ref = await bench.startedTrial(0);
      await bench.createTrial(1);
      await steerJob(bench.ledger, bench.jobId, 'pause');
      expect(await failTrial(bench.ledger, ref, 'no disk', { final: true })).toBe('failed');
      expect((await bench.job()).state).toBe('paused');
      expect(await steerJob(bench.ledger, bench.jobId, 'resume')).toMatchObject({
        state: 'failed',
        open: [],
        reason: '1 trial failed, 0 are allowed; the last: no disk',
        counts: { failed: 1, cancelled: 1 },
      });
      expect(await listIds(stage.store, { active: true })).toEqual([]);
      await bench.expectConsistent();
    });

    test('attempts expire while the job is paused', async () => {
      const bench = await Bench.running(stage.store);
      await bench.startedTrial(0, OVER);
      await steerJob(bench.ledger, bench.jobId, 'pause');
      expect(await expireTrial(bench.ledger, bench.fenced, '0')).toBe('expired');
    });
  });

  describe('extendJob', () => {
    test('lets a completed job run again, up to the new budget', async () => {
      const bench = await Bench.running(stage.store, { trials: 1 });
      await bench.completedTrial(0, 1);
      await advanceJobState(bench.ledger, bench.fenced, 'complete');
      expect(await extendJob(bench.ledger, bench.jobId, 2)).toMatchObject({
        state: 'running',
        budget: 2,
        finishedAt: null,
      });
      expect(await listIds(stage.store, { active: true })).toEqual([bench.jobId]);
      await bench.completedTrial(1, 2);
      expect(await bench.createTrial(2)).toBe('no-budget');
      await bench.expectConsistent();
    });

    test.each(['queued', 'running', 'paused', 'exhausted'] as const)('grows the budget of a %s job', async (state) => {
      const bench = state === 'queued' ? await Bench.queued(stage.store) : await Bench.running(stage.store);
      if (state === 'paused') await steerJob(bench.ledger, bench.jobId, 'pause');
      if (state === 'exhausted') await advanceJobState(bench.ledger, bench.fenced, 'exhaust');
      expect(await extendJob(bench.ledger, bench.jobId, 9)).toMatchObject({
        budget: 9,
        state: state === 'exhausted' ? 'running' : state,
      });
    });

    test('to the same budget changes nothing; to less is refused', async () => {
      const bench = await Bench.running(stage.store, { trials: 3 });
      await bench.unchanged(() => extendJob(bench.ledger, bench.jobId, 3));
      await bench.unchanged(() => expect(extendJob(bench.ledger, bench.jobId, 2)).rejects.toThrow(InvalidInput));
    });

    test('to more than a job may have is refused, with the limit', async () => {
      const bench = await Bench.running(stage.store, { trials: 3 });
      for (const trials of [100_001, 1e300, 3.5])
        await bench.unchanged(() =>
          expect(extendJob(bench.ledger, bench.jobId, trials)).rejects.toThrow(
            'trials: must be a whole number from 1 to 100000',
          ),
        );
      expect(await extendJob(bench.ledger, bench.jobId, 100_000)).toMatchObject({ budget: 100_000 });
    });

    test('to the same budget lets a finished job use a number that it got back, once', async () => {
      const bench = await Bench.running(stage.store, { trials: 2 });
      await bench.completedTrial(0, 2);
      await bench.completedTrial(1, 1);
      await advanceJobState(bench.ledger, bench.fenced, 'complete');
      await bench.unchanged(() => extendJob(bench.ledger, bench.jobId, 2));
      await invalidateTrial(bench.ledger, bench.jobId, '1', 'wrong data');
      expect((await bench.job()).state).toBe('completed');
      expect(await extendJob(bench.ledger, bench.jobId, 2)).toMatchObject({
        state: 'running',
        budget: 2,
        finishedAt: null,
      });
      await bench.unchanged(() => extendJob(bench.ledger, bench.jobId, 2));
      await bench.completedTrial(2, 3);
      expect(await bench.createTrial(3)).toBe('no-budget');
      expect(await advanceJobState(bench.ledger, bench.fenced, 'complete')).toBe(true);
      await bench.expectConsistent();
    });

    test.each(['cancelled', 'failed'] as const)('is refused for a %s job', async (state) => {
      const bench = await Bench.running(stage.store);
      if (state === 'cancelled') await steerJob(bench.ledger, bench.jobId, 'cancel');
      else await advanceJobState(bench.ledger, bench.fenced, 'fail', 'x');
      await bench.unchanged(() => expect(extendJob(bench.ledger, bench.jobId, 99)).rejects.toThrow(Conflict));
    });
  });

  describe('invalidateTrial', () => {
    test('removes a result: the budget grows by one and the best is computed again', async () => {
      const bench = await Bench.running(stage.store, { trials: 3 });
      await bench.completedTrial(0, 2);
      await bench.completedTrial(1, 1);
      await bench.completedTrial(2, 3);
      expect(await bench.createTrial(3)).toBe('no-budget');
      await invalidateTrial(bench.ledger, bench.jobId, '1', 'wrong data');
      expect(await bench.trial(1)).toMatchObject({ state: 'cancelled', reason: 'wrong data' });
      expect(await bench.job()).toMatchObject({
        invalidated: 1,
        best: { number: 0, value: 2 },
        counts: { complete: 2, cancelled: 1 },
      });
      expect(await bench.createTrial(3)).toBe('created');
      expect(await bench.createTrial(4)).toBe('no-budget');
      await bench.expectConsistent();
    });

    test('leaves no best if no result is left', async () => {
      const bench = await Bench.running(stage.store);
      await bench.completedTrial(0, 2);
      await invalidateTrial(bench.ledger, bench.jobId, '0', 'x');
      expect((await bench.job()).best).toBeNull();
    });

    test.each(['', 'x'.repeat(501)])('is refused without a reason, and with one that is too long', async (reason) => {
      const bench = await Bench.running(stage.store);
      await bench.completedTrial(0, 2);
      await bench.unchanged(() =>
        expect(invalidateTrial(bench.ledger, bench.jobId, '0', reason)).rejects.toThrow(
          'reason: must be text of 1 to 500 characters',
        ),
      );
    });

    test('is refused for a trial that is not complete or does not exist', async () => {
      const bench = await Bench.running(stage.store);
      await bench.startedTrial(0);
      await bench.unchanged(() =>
        expect(invalidateTrial(bench.ledger, bench.jobId, '0', 'x')).rejects.toThrow(Conflict),
      );
      await bench.unchanged(() =>
        expect(invalidateTrial(bench.ledger, bench.jobId, '9', 'x')).rejects.toThrow(NotFound),
      );
    });

    test('repeated changes nothing', async () => {
      const bench = await Bench.running(stage.store);
      await bench.completedTrial(0, 1);
      await invalidateTrial(bench.ledger, bench.jobId, '0', 'x');
      await bench.unchanged(() => invalidateTrial(bench.ledger, bench.jobId, '0', 'again'));
    });
  });

  describe('deleteJob', () => {
    test('removes everything; late calls of its trials find no job and restore nothing', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial(0);
      await bench.completedTrial(1, 1);
      await deleteJob(bench.ledger, bench.jobId);
      const names = [fields.spec, fields.job, fields.lease, fields.trial('0'), fields.trial('1'), fields.curve('1')];
      await expect(bench.completeTrial(ref)).rejects.toThrow(NotFound);
      await expect(recordHeartbeat(bench.ledger, ref, null, { leaseMs: LONG })).rejects.toThrow(NotFound);
      await expect(bench.createTrial(2)).rejects.toThrow(NotFound);
      await expect(acquireJobLease(bench.ledger, bench.jobId, 'a', LONG)).rejects.toThrow(NotFound);
      expect((await stage.store.read(bench.jobId, names)).values).toEqual(names.map(() => null));
      expect(await listIds(stage.store)).toEqual([]);
    });

    test('throws if there is none', async () => {
      await expect(deleteJob(new Ledger(stage.store), 'job_none')).rejects.toThrow(NotFound);
    });

    test('during other calls leaves nothing behind', async () => {
      const bench = await Bench.running(stage.store, { trials: 50 });
      const refs = [await bench.startedTrial(0), await bench.startedTrial(1)];
      const other = new Ledger(await stage.open());
      const calls = refs.flatMap((ref) =>
        Array.from({ length: 5 }, () => recordHeartbeat(other, ref, null, { leaseMs: LONG })),
      );
      await Promise.allSettled([
        ...calls,
        deleteJob(bench.ledger, bench.jobId),
        acquireJobLease(other, bench.jobId, 'b', LONG),
        bench.completeTrial(refs[0]!),
      ]);
      const names = [fields.spec, fields.job, fields.lease, fields.trial('0'), fields.trial('1')];
      expect((await stage.store.read(bench.jobId, names)).values).toEqual(names.map(() => null));
    });
  });
}
