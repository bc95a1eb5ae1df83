import { NotFound } from '@gradsmith/core/domain';
import { steerJob, acquireJobLease, advanceJobState, releaseJobLease } from '@gradsmith/core/jobs';
import { createTrial } from '@gradsmith/core/trials';
import { describe, expect, test } from 'vitest';
import { listIds } from '../list-ids.ts';
import { Bench, LONG, OVER, referenceTrial } from './bench.ts';
import type { Stage } from './stage.ts';

/** Leases, creating trials and the coordinator's moves of the job, all under a fence. */
export function coordinatorOperations(stage: Stage): void {
  describe('lease', () => {
    test('is held by one owner at a time', async () => {
      const bench = await Bench.queued(stage.store);
      const { fence } = await bench.takeOver('a', LONG);
      expect(await acquireJobLease(bench.ledger, bench.jobId, 'b', LONG)).toEqual({ kind: 'taken', owner: 'a' });
      expect(await acquireJobLease(bench.ledger, bench.jobId, 'a', LONG)).toEqual({ kind: 'held', fence });
    });

    test('gives every new owner a higher fence, also after its release', async () => {
      const bench = await Bench.queued(stage.store);
      const fences: number[] = [];
      for (const owner of ['a', 'b', 'a', 'c']) {
        const fenced = await bench.takeOver(owner, LONG);
        fences.push(fenced.fence);
        await releaseJobLease(bench.ledger, fenced);
      }
      expect(fences).toEqual([...fences].sort((x, y) => x - y));
      expect(new Set(fences).size).toBe(4);
    });

    test('that expired keeps its fence if no other coordinator acquired it', async () => {
      const bench = await Bench.queued(stage.store);
      const first = await bench.takeOver('a', OVER);
      expect(await bench.takeOver('a', OVER)).toEqual(first);
    });

    test('released by a coordinator that lost it stays with its owner', async () => {
      const bench = await Bench.queued(stage.store);
      const old = await bench.takeOver('a', OVER);
      await bench.takeOver('b', LONG);
      await releaseJobLease(bench.ledger, old);
      expect(await acquireJobLease(bench.ledger, bench.jobId, 'c', LONG)).toEqual({ kind: 'taken', owner: 'b' });
    });

    test('of an unknown job throws', async () => {
      const bench = await Bench.queued(stage.store);
      await expect(acquireJobLease(bench.ledger, 'job_none', 'a', LONG)).rejects.toThrow(NotFound);
      expect((await stage.store.read('job_none', ['lease'])).values).toEqual([null]);
    });
  });

  describe('create', () => {
    test('creates the next number as pending', async () => {
      const bench = await Bench.running(stage.store);
      expect(await bench.createTrial(0)).toBe('created');
      expect(await bench.trial()).toMatchObject({
        state: 'pending',
        number: 0,
        dispatch: 0,
        attempts: [],
        point: { rate: 0.01 },
      });
      expect(await bench.job()).toMatchObject({ nextNumber: 1, open: ['0'], counts: { pending: 1 } });
      await bench.expectConsistent();
    });

    test('repeated answers `already` and changes nothing, in any state of the trial', async () => {
      const bench = await Bench.running(stage.store);
      await bench.createTrial(0);
      expect(await bench.unchanged(() => bench.createTrial(0))).toBe('already');
      await bench.completedTrial(0, 1);
      expect(await bench.unchanged(() => bench.createTrial(0))).toBe('already');
    });

    test('accepts numbers only in order', async () => {
      const bench = await Bench.running(stage.store);
      expect(await bench.unchanged(() => bench.createTrial(1))).toBe('not-next');
      await bench.createTrial(0);
      expect(await bench.unchanged(() => bench.createTrial(2))).toBe('not-next');
    });

    test('stops at the budget', async () => {
      const bench = await Bench.running(stage.store, { trials: 2 });
      await bench.createTrial(0);
      await bench.createTrial(1);
      expect(await bench.unchanged(() => bench.createTrial(2))).toBe('no-budget');
    });

    test('creates the reference once, and not from the budget', async () => {
      const bench = await Bench.running(stage.store, { trials: 1 });
      expect(await createTrial(bench.ledger, bench.fenced, referenceTrial())).toBe('created');
      expect(await createTrial(bench.ledger, bench.fenced, referenceTrial())).toBe('already');
      expect(await bench.createTrial(0)).toBe('created');
      expect(await bench.job()).toMatchObject({
        nextNumber: 1,
        counts: { pending: 1 },
        extras: ['reference'],
        open: ['reference', '0'],
      });
    });

    test.each(['queued', 'paused', 'cancelled'] as const)('is refused while the job is %s', async (state) => {
      const bench = state === 'queued' ? await Bench.queued(stage.store) : await Bench.running(stage.store);
      if (state === 'paused') await steerJob(bench.ledger, bench.jobId, 'pause');
      if (state === 'cancelled') await steerJob(bench.ledger, bench.jobId, 'cancel');
      expect(await bench.unchanged(() => bench.createTrial(0))).toBe('job-not-running');
    });

    test('needs the fence: a suspended coordinator cannot write', async () => {
      const bench = await Bench.running(stage.store);
      const old = bench.fenced;
      const held = await bench.takeOver('another');
      expect(await bench.unchanged(() => bench.createTrial(0, old))).toBe('stale-fence');
      expect(await bench.createTrial(0, held)).toBe('created');
      expect(await bench.unchanged(() => bench.createTrial(0, old))).toBe('stale-fence');
    });

    test('works under an expired lease while no other coordinator has it', async () => {
      const bench = await Bench.running(stage.store);
      expect(await bench.createTrial(0)).toBe('created');
    });
  });

  describe('the coordinator’s moves', () => {
    test('start a queued job once', async () => {
      const bench = await Bench.queued(stage.store);
      expect(await advanceJobState(bench.ledger, bench.fenced, 'start')).toBe(true);
      expect(await bench.job()).toMatchObject({ state: 'running', startedAt: expect.any(Number), finishedAt: null });
      expect(await bench.unchanged(() => advanceJobState(bench.ledger, bench.fenced, 'start'))).toBe(false);
    });

    test('complete a job only if no budget remains and no trial is open', async () => {
      const bench = await Bench.running(stage.store, { trials: 1 });
      const complete = (): Promise<boolean | 'stale-fence'> => advanceJobState(bench.ledger, bench.fenced, 'complete');
      expect(await bench.unchanged(complete)).toBe(false);
      const ref = await bench.startedTrial(0);
      expect(await bench.unchanged(complete)).toBe(false);
      await bench.completeTrial(ref);
      expect(await complete()).toBe(true);
      expect(await bench.job()).toMatchObject({ state: 'completed', finishedAt: expect.any(Number) });
      expect(await bench.unchanged(complete)).toBe(false);
      expect(await listIds(stage.store, { active: true })).not.toContain(bench.jobId);
    });

    test('exhaust a job with remaining budget only if no trial is open', async () => {
      const bench = await Bench.running(stage.store, { trials: 5 });
      await bench.createTrial(0);
      expect(await bench.unchanged(() => advanceJobState(bench.ledger, bench.fenced, 'exhaust'))).toBe(false);
      await bench.completedTrial(0, 1);
      expect(await advanceJobState(bench.ledger, bench.fenced, 'exhaust')).toBe(true);
      expect((await bench.job()).state).toBe('exhausted');
    });

    test('fail a job with its reason and cancel its open trials', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial(0);
      expect(await advanceJobState(bench.ledger, bench.fenced, 'fail', 'its deadline passed')).toBe(true);
      expect(await bench.job()).toMatchObject({
        state: 'failed',
        reason: 'its deadline passed',
        open: [],
        counts: { cancelled: 1 },
      });
      expect(await bench.completeTrial(ref)).toBe('stale');
      await bench.expectConsistent();
    });

    test.each(['start', 'complete', 'exhaust', 'fail'] as const)('%s needs the fence', async (move) => {
      const bench = await Bench.queued(stage.store);
      const old = bench.fenced;
      await bench.takeOver('another');
      expect(await bench.unchanged(() => advanceJobState(bench.ledger, old, move))).toBe('stale-fence');
    });
  });

  test('every change has its own sequence number, in the histories of its trials', async () => {
    const bench = await Bench.running(stage.store, { trials: 4 });
    await bench.completedTrial(0, 1);
    await bench.completedTrial(1, 2);
    await bench.startedTrial(2);
    const { job, trials } = await bench.everything();
    const numbers = trials.flatMap(({ history }) => history.map(([seq]) => seq));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.max(...numbers)).toBe(job.seq);
    expect(trials[0]!.history.map(([, move]) => move)).toEqual(['create', 'start', 'complete']);
  });
}
