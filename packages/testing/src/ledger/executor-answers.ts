import { NotFound } from '@gradsmith/core/domain';
import { steerJob } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { startTrial, expireTrial, recordHeartbeat } from '@gradsmith/core/trials';
import { describe, expect, test } from 'vitest';
import { Bench, LONG, OVER, RUNTIME } from './bench.ts';
import type { Stage } from './stage.ts';

/** Start, heartbeat and complete: what they accept and refuse, and that repeating them is safe. */
export function executorAnswers(stage: Stage): void {
  describe('start', () => {
    test('starts a pending trial and returns what to execute', async () => {
      const bench = await Bench.running(stage.store);
      await bench.createTrial();
      const ref = bench.attempt();
      const answer = await bench.startTrial(ref);
      expect(answer).toMatchObject({
        kind: 'started',
        leaseMs: LONG,
        spec: { name: 'conformance' },
        trial: { id: '0', point: { rate: 0.01 } },
      });
      const { now } = await bench.ledger.readJob(bench.jobId);
      const trial = await bench.trial();
      expect(trial).toMatchObject({
        state: 'running',
        lease: { attemptId: ref.attemptId },
        attempts: [{ id: ref.attemptId, worker: 'worker', outcome: 'running' }],
      });
      expect(Math.abs(trial.lease!.expiresAt - LONG - now)).toBeLessThan(10_000);
      expect((await bench.job()).runtime).toBe(RUNTIME);
    });

    test('repeated with the same attempt id answers the same and changes nothing', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      expect(await bench.unchanged(() => bench.startTrial(ref))).toMatchObject({ kind: 'started', trial: { id: '0' } });
    });

    test('repeated after progress still answers the same', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      await recordHeartbeat(bench.ledger, ref, { step: 5, partialSum: 2.5 }, { leaseMs: LONG });
      expect(await bench.unchanged(() => bench.startTrial(ref))).toMatchObject({ kind: 'started' });
      expect((await bench.trial()).progress).toEqual({ step: 5, partialSum: 2.5 });
    });

    type Arrange = (bench: Bench) => Promise<unknown>;
    const refusals: [string, Arrange, string][] = [
      ['an unknown trial', async () => {}, 'unknown-trial'],
      ['another attempt holds', (bench) => bench.startedTrial(), 'leased'],
      ['another attempt held, not yet expired by the coordinator', (bench) => bench.startedTrial(0, OVER), 'leased'],
      ['is complete', (bench) => bench.completedTrial(0, 1), 'settled'],
      [
        'was cancelled with its job',
        async (bench) => {
          await bench.createTrial();
          await steerJob(bench.ledger, bench.jobId, 'cancel');
        },
        'settled',
      ],
      [
        'waits in a paused job',
        async (bench) => {
          await bench.createTrial();
          await steerJob(bench.ledger, bench.jobId, 'pause');
        },
        'job-not-running',
      ],
    ];
    test.each(refusals)('is refused for a trial that %s', async (_, arrange, reason) => {
      const bench = await Bench.running(stage.store);
      await arrange(bench);
      expect(await bench.unchanged(() => bench.startTrial(bench.attempt()))).toEqual({ kind: 'refused', reason });
    });

    test('is refused for a finished attempt', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial(0, OVER);
      await expireTrial(bench.ledger, bench.fenced, '0');
      expect(await bench.unchanged(() => bench.startTrial(ref))).toEqual({ kind: 'refused', reason: 'attempt-over' });
    });

    test('pins the job’s runtime: another one is refused, an executor without one is not', async () => {
      const bench = await Bench.running(stage.store);
      await bench.startedTrial(0);
      await bench.createTrial(1);
      expect(await bench.unchanged(() => bench.startTrial(bench.attempt(1), LONG, 'cpu float32'))).toEqual({
        kind: 'refused',
        reason: 'other-runtime',
      });
      expect(await bench.startTrial(bench.attempt(1), LONG, null)).toMatchObject({ kind: 'started' });
      await bench.createTrial(2);
      expect(await bench.startTrial(bench.attempt(2), LONG, RUNTIME)).toMatchObject({ kind: 'started' });
      expect((await bench.job()).runtime).toBe(RUNTIME);
    });

    test('by an executor without a runtime pins none', async () => {
      const bench = await Bench.running(stage.store);
      await bench.createTrial();
      await bench.startTrial(bench.attempt(), LONG, null);
      expect((await bench.job()).runtime).toBeNull();
    });
  });

  describe('heartbeat', () => {
    const beat = (
      ledger: Ledger,
      ref: Parameters<typeof recordHeartbeat>[1],
      leaseMs = LONG,
    ): ReturnType<typeof recordHeartbeat> => recordHeartbeat(ledger, ref, { step: 1, partialSum: 0.5 }, { leaseMs });

    test('renews the lease and records progress', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial(0, OVER);
      expect(await beat(bench.ledger, ref)).toBe('continue');
      expect(await expireTrial(bench.ledger, bench.fenced, '0')).toBe('alive');
      expect(await bench.trial()).toMatchObject({ state: 'running', progress: { step: 1, partialSum: 0.5 } });
    });

    test('without progress keeps the recorded progress', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      await beat(bench.ledger, ref);
      await recordHeartbeat(bench.ledger, ref, null, { leaseMs: LONG });
      expect((await bench.trial()).progress).toEqual({ step: 1, partialSum: 0.5 });
    });

    test('changes neither the job nor a sequence number', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      const before = await bench.job();
      await beat(bench.ledger, ref);
      expect(await bench.job()).toEqual(before);
    });

    test('revives an expired attempt if no other has started', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial(0, OVER);
      await expireTrial(bench.ledger, bench.fenced, '0');
      expect(await beat(bench.ledger, ref)).toBe('continue');
      const trial = await bench.trial();
      expect(trial).toMatchObject({
        state: 'running',
        lease: { attemptId: ref.attemptId },
        attempts: [{ outcome: 'running', finishedAt: null }],
      });
      expect(await bench.startTrial(bench.attempt())).toEqual({ kind: 'refused', reason: 'leased' });
      await bench.expectConsistent();
    });

    test('is stale for an attempt if another one has its trial', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial(0, OVER);
      await expireTrial(bench.ledger, bench.fenced, '0');
      await bench.startedTrial();
      expect(await bench.unchanged(() => beat(bench.ledger, ref))).toBe('stale');
    });

    test('is stale for a trial that was reported, or that does not exist', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.completedTrial(0, 1);
      expect(await bench.unchanged(() => beat(bench.ledger, ref))).toBe('stale');
      expect(await beat(bench.ledger, bench.attempt(9))).toBe('stale');
    });

    test('answers cancel if the job was cancelled, and continue while it is paused', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      await steerJob(bench.ledger, bench.jobId, 'pause');
      expect(await beat(bench.ledger, ref)).toBe('continue');
      await steerJob(bench.ledger, bench.jobId, 'cancel');
      expect(await bench.unchanged(() => beat(bench.ledger, ref))).toBe('cancel');
    });
  });

  describe('tell', () => {
    test.each([
      ['complete', 'complete'],
      ['diverged', 'diverged'],
      ['pruned', 'pruned'],
    ] as const)('settles a trial as %s', async (outcome, state) => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      expect(await bench.completeTrial(ref, 0.25, { outcome, curve: 'AACAPw==', metrics: { accuracy: 0.5 } })).toBe(
        'reported',
      );
      expect(await bench.trial()).toMatchObject({
        state,
        lease: null,
        result: { outcome, value: 0.25, metrics: { accuracy: 0.5 } },
        attempts: [{ outcome: 'reported' }],
      });
      expect((await bench.trial()).result).not.toHaveProperty('curve');
      expect(await bench.ledger.readCurves(bench.jobId, ['0', '1'])).toEqual(['AACAPw==', '']);
      expect((await bench.job()).open).toEqual([]);
      await bench.expectConsistent();
    });

    test('stores recorded weights separately, and a trial without them has none', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      const recording = { layer: 'fc2', shape: [1, 1], steps: [0, 1], weights: 'AACAPwAAgD8=', cosines: [0.5] };
      await bench.completeTrial(ref, 0.25, { recording });
      expect((await bench.trial()).result).not.toHaveProperty('recording');
      expect(await bench.ledger.readRecordings(bench.jobId, ['0', '1'])).toEqual([recording, null]);
      const changed = { recording: { ...recording, cosines: [0.25] } };
      expect(await bench.unchanged(() => bench.completeTrial(ref, 0.25, changed))).toBe('conflict');
    });

    test('repeated with the same result is already reported and changes nothing', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.completedTrial(0, 1);
      expect(await bench.unchanged(() => bench.completeTrial(ref, 1))).toBe('already');
      expect(await bench.unchanged(() => bench.completeTrial(ref, 1))).toBe('already');
    });

    test('repeated with keys in another order is the same result', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      await bench.completeTrial(ref, 1, { metrics: { a: 1, b: 2 } });
      expect(await bench.unchanged(() => bench.completeTrial(ref, 1, { metrics: { b: 2, a: 1 } }))).toBe('already');
    });

    test.each([
      ['value', { value: 1.0000000001 }],
      ['outcome', { outcome: 'diverged' }],
      ['curve', { curve: 'AAAAAA==' }],
      ['metrics', { metrics: { loss: 1 } }],
      ['provenance', { provenance: { seed: 1 } }],
    ] as const)('repeated with another %s is a conflict and changes nothing', async (_, changes) => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.completedTrial(0, 1);
      expect(await bench.unchanged(() => bench.completeTrial(ref, 1, changes))).toBe('conflict');
    });

    test('of an expired attempt still counts while no other has started', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial(0, OVER);
      await expireTrial(bench.ledger, bench.fenced, '0');
      expect(await bench.completeTrial(ref, 2)).toBe('reported');
      expect(await bench.trial()).toMatchObject({
        state: 'complete',
        result: { value: 2 },
        attempts: [{ outcome: 'reported' }],
      });
      expect(await bench.startTrial(bench.attempt())).toEqual({ kind: 'refused', reason: 'settled' });
      await bench.expectConsistent();
    });

    test('of an expired attempt is stale once another has started, before and after that one reports', async () => {
      const bench = await Bench.running(stage.store);
      const late = await bench.startedTrial(0, OVER);
      await expireTrial(bench.ledger, bench.fenced, '0');
      const next = await bench.startedTrial();
      expect(await bench.unchanged(() => bench.completeTrial(late, 2))).toBe('stale');
      expect(await bench.completeTrial(next, 3)).toBe('reported');
      expect(await bench.unchanged(() => bench.completeTrial(late, 2))).toBe('stale');
      expect(await bench.unchanged(() => bench.completeTrial(late, 3))).toBe('stale');
      expect((await bench.trial()).result!.value).toBe(3);
    });

    test('is stale for a trial that does not exist or was never started', async () => {
      const bench = await Bench.running(stage.store);
      await bench.createTrial();
      expect(await bench.unchanged(() => bench.completeTrial(bench.attempt()))).toBe('stale');
      expect(await bench.unchanged(() => bench.completeTrial(bench.attempt(7)))).toBe('stale');
    });

    test('is accepted in a paused job and refused in a cancelled one', async () => {
      const bench = await Bench.running(stage.store);
      const [first, second] = [await bench.startedTrial(0), await bench.startedTrial(1)];
      await steerJob(bench.ledger, bench.jobId, 'pause');
      expect(await bench.completeTrial(first)).toBe('reported');
      await steerJob(bench.ledger, bench.jobId, 'cancel');
      expect(await bench.unchanged(() => bench.completeTrial(second))).toBe('stale');
    });

    test('records the best complete search trial (the first of equal ones), separate from the reference', async () => {
      const bench = await Bench.running(stage.store, { trials: 6 });
      await bench.completedTrial(0, 3);
      expect((await bench.job()).best).toEqual({ number: 0, value: 3, point: { rate: 0.01 } });
      await bench.completedTrial(1, 2);
      await bench.completedTrial(2, 2);
      await bench.completedTrial(3, 5);
      const diverged = await bench.startedTrial(4);
      await bench.completeTrial(diverged, 1, { outcome: 'diverged' });
      const pruned = await bench.startedTrial(5);
      await bench.completeTrial(pruned, 1, { outcome: 'pruned' });
      expect(await bench.job()).toMatchObject({
        best: { number: 1, value: 2 },
        reference: null,
        counts: { complete: 4, diverged: 1, pruned: 1 },
      });
    });

    test('with values that JSON cannot represent throws and stores nothing', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      await bench.unchanged(() => expect(bench.completeTrial(ref, Number.NaN)).rejects.toThrow(/finite/));
    });
  });

  test('every executor operation throws for an unknown job', async () => {
    const bench = await Bench.running(stage.store);
    const ref = { ...bench.attempt(), jobId: 'job_none' };
    const { ledger } = bench;
    await expect(startTrial(ledger, ref, { worker: 'w', runtime: null }, { leaseMs: LONG })).rejects.toThrow(NotFound);
    await expect(recordHeartbeat(ledger, ref, null, { leaseMs: LONG })).rejects.toThrow(NotFound);
    await expect(bench.completeTrial(ref)).rejects.toThrow(NotFound);
  });
}
