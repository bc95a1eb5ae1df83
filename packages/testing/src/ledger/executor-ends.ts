import { changeRuntime, expireTrial, failTrial, createTrial, releaseTrial } from '@gradsmith/core/trials';
import { describe, expect, test } from 'vitest';
import { Bench, LONG, OVER, referenceTrial, RUNTIME } from './bench.ts';
import type { Stage } from './stage.ts';

/** Release, fail and expire: attempts without a result, retries, and the limits of failures. */
export function executorEnds(stage: Stage): void {
  describe('release', () => {
    test('makes the trial pending, not failed, under a new dispatch', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      expect(await releaseTrial(bench.ledger, ref, 'shut down')).toBe('released');
      expect(await bench.trial()).toMatchObject({
        state: 'pending',
        dispatch: 1,
        preemptions: 1,
        lease: null,
        attempts: [{ outcome: 'released', reason: 'shut down' }],
      });
      expect((await bench.job()).counts).toMatchObject({ pending: 1, running: 0, failed: 0 });
      await bench.expectConsistent();
    });

    test('repeated changes nothing', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      await releaseTrial(bench.ledger, ref, 'x');
      expect(await bench.unchanged(() => releaseTrial(bench.ledger, ref, 'x'))).toBe('stale');
    });

    test('finishes the attempt: its report is stale, and another can start', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      await releaseTrial(bench.ledger, ref, 'x');
      expect(await bench.unchanged(() => bench.completeTrial(ref))).toBe('stale');
      expect(await bench.startTrial(ref)).toEqual({ kind: 'refused', reason: 'attempt-over' });
      await bench.completedTrial(0, 1);
    });

    test('does not count as an attempt', async () => {
      const bench = await Bench.running(stage.store, { attempts: 1 });
      for (let i = 0; i < 5; i++) await releaseTrial(bench.ledger, await bench.startedTrial(), 'x');
      await bench.completedTrial(0, 1);
      expect((await bench.trial()).preemptions).toBe(5);
    });

    test('fails a trial that is released too often', async () => {
      const bench = await Bench.running(stage.store);
      let releases = 0;
      while ((await bench.job()).counts.failed === 0 && releases < 200) {
        await releaseTrial(bench.ledger, await bench.startedTrial(), 'spot instance lost');
        releases += 1;
      }
      expect(releases).toBe(101);
      expect(await bench.trial()).toMatchObject({
        state: 'failed',
        reason: expect.stringContaining('released 101 times'),
      });
      await bench.expectConsistent();
    });

    test('is stale for an unknown and for an expired attempt', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial(0, OVER);
      expect(await bench.unchanged(() => releaseTrial(bench.ledger, bench.attempt(), 'x'))).toBe('stale');
      await expireTrial(bench.ledger, bench.fenced, '0');
      expect(await bench.unchanged(() => releaseTrial(bench.ledger, ref, 'x'))).toBe('stale');
    });
  });

  describe('fail', () => {
    test('gives the trial another attempt after a growing back-off', async () => {
      const bench = await Bench.running(stage.store, { attempts: 3, backoff: '10s' });
      for (const [i, wait] of [10_000, 20_000].entries()) {
        expect(await failTrial(bench.ledger, await bench.startedTrial(), 'crashed')).toBe('retry');
        const { now } = await bench.ledger.readJob(bench.jobId);
        const trial = await bench.trial();
        expect(trial).toMatchObject({ state: 'pending', dispatch: i + 1, reason: 'crashed' });
        expect(Math.abs(trial.notBefore - wait - now)).toBeLessThan(5_000);
      }
      expect((await bench.job()).lastError).toMatchObject({ trial: '0', reason: 'crashed' });
    });

    test('fails the trial when no attempt is left', async () => {
      const bench = await Bench.running(stage.store, { attempts: 2 });
      expect(await failTrial(bench.ledger, await bench.startedTrial(), 'first')).toBe('retry');
      expect(await failTrial(bench.ledger, await bench.startedTrial(), 'second')).toBe('failed');
      expect(await bench.trial()).toMatchObject({
        state: 'failed',
        reason: 'second',
        attempts: [{ outcome: 'failed' }, { outcome: 'failed', reason: 'second' }],
      });
      expect(await bench.job()).toMatchObject({ counts: { failed: 1 }, open: [], best: null });
      await bench.expectConsistent();
    });

    test('fails it at once if another attempt would fail the same way', async () => {
      const bench = await Bench.running(stage.store, { attempts: 3 });
      expect(await failTrial(bench.ledger, await bench.startedTrial(), 'unknown layer', { final: true })).toBe(
        'failed',
      );
    });

    test('moves a job without a result to the runtime on which the training works, which is no failure', async () => {
      const bench = await Bench.running(stage.store, { attempts: 1 });
      const ref = await bench.startedTrial();
      expect(await changeRuntime(bench.ledger, ref, 'slow', 'SIGFPE')).toBe('changed');
      expect(await bench.job()).toMatchObject({
        runtime: 'slow',
        lastError: { reason: 'SIGFPE' },
        counts: { failed: 0 },
      });
      expect(await bench.trial()).toMatchObject({ state: 'pending', attempts: [{ outcome: 'released' }] });
      expect(await bench.unchanged(() => bench.completeTrial(ref))).toBe('stale');
      expect(await bench.startTrial(bench.attempt())).toMatchObject({ kind: 'refused', reason: 'other-runtime' });
      await bench.expectConsistent();
    });

    test('keeps a job with a result on its runtime', async () => {
      const bench = await Bench.running(stage.store, { attempts: 3 });
      await bench.completedTrial(0, 1);
      const ref = await bench.startedTrial(1);
      expect(await bench.unchanged(() => changeRuntime(bench.ledger, ref, 'slow', 'x'))).toBe('kept');
      expect(await bench.job()).toMatchObject({ runtime: RUNTIME });
    });

    test('releases every attempt on the old runtime, also one that expired and might still report', async () => {
      const bench = await Bench.running(stage.store, { attempts: 3 });
      const late = await bench.startedTrial(0, OVER);
      await expireTrial(bench.ledger, bench.fenced, '0');
      const running = await bench.startedTrial(1);
      expect(await changeRuntime(bench.ledger, await bench.startedTrial(2), 'slow', 'x')).toBe('changed');
      for (const ref of [late, running]) expect(await bench.completeTrial(ref)).toBe('stale');
      expect((await bench.job()).counts).toMatchObject({ pending: 3, running: 0, complete: 0 });
      await bench.expectConsistent();
    });

    test('repeated changes nothing', async () => {
      const bench = await Bench.running(stage.store, { attempts: 2 });
      const ref = await bench.startedTrial();
      await failTrial(bench.ledger, ref, 'x');
      expect(await bench.unchanged(() => failTrial(bench.ledger, ref, 'x'))).toBe('stale');
    });

    test('does not undo a result, and a result does not undo a failure', async () => {
      const bench = await Bench.running(stage.store, { attempts: 1 });
      const reported = await bench.completedTrial(0, 1);
      expect(await bench.unchanged(() => failTrial(bench.ledger, reported, 'x'))).toBe('stale');
      const failed = await bench.startedTrial(1);
      await failTrial(bench.ledger, failed, 'x');
      expect(await bench.unchanged(() => bench.completeTrial(failed))).toBe('stale');
    });

    test('of more trials than the job allows fails the job with the reason and cancels the rest', async () => {
      const bench = await Bench.running(stage.store, { trials: 5, attempts: 1, maxFailures: 1 });
      const other = await bench.startedTrial(0);
      await bench.createTrial(1);
      await failTrial(bench.ledger, await bench.startedTrial(2), 'out of memory');
      expect((await bench.job()).state).toBe('running');
      await failTrial(bench.ledger, await bench.startedTrial(3), 'out of memory');
      expect(await bench.job()).toMatchObject({
        state: 'failed',
        reason: expect.stringContaining('out of memory'),
        counts: { failed: 2, cancelled: 2, running: 0, pending: 0 },
        open: [],
      });
      expect(await bench.unchanged(() => bench.completeTrial(other))).toBe('stale');
      expect(await bench.createTrial(4)).toBe('job-not-running');
      await bench.expectConsistent();
    });

    test('of eleven trials fails the job by default if none has succeeded, and only then', async () => {
      for (const [first, state] of [
        ['complete', 'running'],
        ['failed', 'failed'],
      ] as const) {
        const bench = await Bench.running(stage.store, { trials: 30, attempts: 1 });
        if (first === 'complete') await bench.completedTrial(0, 1);
        else await failTrial(bench.ledger, await bench.startedTrial(0), 'x');
        for (let number = 1; number <= 11 && (await bench.job()).state === 'running'; number++)
          await failTrial(bench.ledger, await bench.startedTrial(number), 'x');
        expect((await bench.job()).state).toBe(state);
      }
    });

    test('of the reference counts against no limit', async () => {
      const bench = await Bench.running(stage.store, { attempts: 1, maxFailures: 0 });
      await createTrial(bench.ledger, bench.fenced, referenceTrial());
      const ref = bench.attempt('reference');
      await bench.startTrial(ref);
      expect(await failTrial(bench.ledger, ref, 'x')).toBe('failed');
      expect(await bench.job()).toMatchObject({
        state: 'running',
        reference: null,
        counts: { failed: 0 },
        open: [],
        extras: ['reference'],
      });
    });
  });

  describe('expire', () => {
    test('does not change a live attempt', async () => {
      const bench = await Bench.running(stage.store);
      await bench.startedTrial(0, LONG);
      expect(await bench.unchanged(() => expireTrial(bench.ledger, bench.fenced, '0'))).toBe('alive');
    });

    test('makes the trial pending under a new dispatch, without a back-off', async () => {
      const bench = await Bench.running(stage.store, { backoff: '1h' });
      await bench.startedTrial(0, OVER);
      expect(await expireTrial(bench.ledger, bench.fenced, '0')).toBe('expired');
      const { now } = await bench.ledger.readJob(bench.jobId);
      const trial = await bench.trial();
      expect(trial).toMatchObject({ state: 'pending', dispatch: 1, lease: null, attempts: [{ outcome: 'expired' }] });
      expect(trial.notBefore).toBeLessThanOrEqual(now);
      await bench.expectConsistent();
    });

    test('repeated, or for a trial that is not running, changes nothing', async () => {
      const bench = await Bench.running(stage.store);
      await bench.startedTrial(0, OVER);
      await expireTrial(bench.ledger, bench.fenced, '0');
      expect(await bench.unchanged(() => expireTrial(bench.ledger, bench.fenced, '0'))).toBe('alive');
      await bench.completedTrial(0, 1);
      expect(await bench.unchanged(() => expireTrial(bench.ledger, bench.fenced, '0'))).toBe('alive');
      expect(await bench.unchanged(() => expireTrial(bench.ledger, bench.fenced, 'none'))).toBe('alive');
    });

    test('counts as an attempt, together with failures, and finally fails the trial', async () => {
      const bench = await Bench.running(stage.store, { attempts: 3 });
      await bench.startedTrial(0, OVER);
      await expireTrial(bench.ledger, bench.fenced, '0');
      await failTrial(bench.ledger, await bench.startedTrial(0), 'x');
      const last = await bench.startedTrial(0, OVER);
      await expireTrial(bench.ledger, bench.fenced, '0');
      expect(await bench.trial()).toMatchObject({
        state: 'failed',
        attempts: [{ outcome: 'expired' }, { outcome: 'failed' }, { outcome: 'expired' }],
      });
      expect(await bench.unchanged(() => bench.completeTrial(last))).toBe('stale');
      await bench.expectConsistent();
    });

    test('needs the fence', async () => {
      const bench = await Bench.running(stage.store);
      await bench.startedTrial(0, OVER);
      const old = bench.fenced;
      await bench.takeOver('another');
      expect(await bench.unchanged(() => expireTrial(bench.ledger, old, '0'))).toBe('stale-fence');
    });
  });
}
