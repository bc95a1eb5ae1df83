import { Conflict, InvalidInput, NotFound } from '@gradsmith/core/domain';
import { createJob, steerJob, acquireJobLease, advanceJobState } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { parseJob } from '@gradsmith/core/spec';
import {
  askTrial,
  enqueuePoint,
  failTrial,
  createTrial,
  retryTrial,
  completeTrial,
  type CreateTrialAnswer,
} from '@gradsmith/core/trials';
import { describe, expect, test } from 'vitest';
import { Bench, LONG, OVER, createResult, searchTrial } from './bench.ts';
import type { Stage } from './stage.ts';

const ASKED = { leaseMs: LONG };

/** askTrial for external programs, and the points that clients enqueue. */
export function externalOperations(stage: Stage): void {
  describe('ask', () => {
    const external = parseJob({
      name: 'external',
      objective: { kind: 'external', metric: { name: 'score', direction: 'maximize' } },
      space: { x: { type: 'float', low: 0, high: 1 } },
      search: { trials: 4 },
    });

    async function createExternalJob(created: number): Promise<Ledger> {
      const ledger = new Ledger(stage.store);
      await createJob(ledger, 'job_o', external);
      await acquireJobLease(ledger, 'job_o', 'coordinator', OVER);
      await advanceJobState(ledger, { jobId: 'job_o', fence: 1 }, 'start');
      for (let n = 0; n < created; n++)
        await createTrial(ledger, { jobId: 'job_o', fence: 1 }, { ...searchTrial(n), point: { x: n / 10 } });
      return ledger;
    }

    test('starts the first pending trial; the same id gets the same answer again', async () => {
      const ledger = await createExternalJob(2);
      expect(await askTrial(ledger, 'job_o', 'a', 'program', ASKED)).toMatchObject({
        kind: 'trial',
        trial: { id: '0', state: 'running', attempts: [{ id: 'a', worker: 'program' }] },
      });
      expect(await askTrial(ledger, 'job_o', 'a', 'program', ASKED)).toMatchObject({
        kind: 'trial',
        trial: { id: '0' },
      });
      expect(await askTrial(ledger, 'job_o', 'b', 'program', ASKED)).toMatchObject({
        kind: 'trial',
        trial: { id: '1' },
      });
      expect(await askTrial(ledger, 'job_o', 'c', 'program', ASKED)).toEqual({ kind: 'none', state: 'running' });
      expect(await completeTrial(ledger, { jobId: 'job_o', trialId: '0', attemptId: 'a' }, createResult(0.5))).toBe(
        'reported',
      );
      expect((await ledger.readJob('job_o')).job).toMatchObject({ runtime: null, best: { number: 0, value: 0.5 } });
    });

    test('by many programs at the same time gives each trial to one', async () => {
      await createExternalJob(3);
      const answers = await Promise.all(
        Array.from({ length: 8 }, async (_, i) =>
          askTrial(new Ledger(await stage.open()), 'job_o', `program ${i}`, 'p', ASKED),
        ),
      );
      const trials = answers.flatMap((answer) => (answer.kind === 'trial' ? [answer.trial.id] : []));
      expect(trials.sort()).toEqual(['0', '1', '2']);
    });

    test('answers none in a paused job and is refused for one that workers train', async () => {
      const ledger = await createExternalJob(1);
      await steerJob(ledger, 'job_o', 'pause');
      expect(await askTrial(ledger, 'job_o', 'a', 'p', ASKED)).toEqual({ kind: 'none', state: 'paused' });
      const bench = await Bench.running(stage.store);
      await bench.createTrial();
      await bench.unchanged(() => expect(askTrial(ledger, bench.jobId, 'a', 'p', ASKED)).rejects.toThrow(Conflict));
    });
  });

  describe('enqueuePoint', () => {
    const issueEnqueued = async (bench: Bench, number: number, key: string): Promise<CreateTrialAnswer> =>
      createTrial(bench.ledger, bench.fenced, {
        ...searchTrial(number),
        source: { kind: 'enqueued', seenSeq: 0, key },
      });

    test('queues a point once per key, in order', async () => {
      const bench = await Bench.running(stage.store);
      expect(await enqueuePoint(bench.ledger, bench.jobId, { key: 'a', caller: null }, { rate: 0.5 })).toMatchObject({
        added: true,
        ahead: 0,
        trial: null,
      });
      expect(await enqueuePoint(bench.ledger, bench.jobId, { key: 'b', caller: null }, { rate: 0.25 })).toMatchObject({
        added: true,
        ahead: 1,
      });
      expect(
        await bench.unchanged(() => enqueuePoint(bench.ledger, bench.jobId, { key: 'a', caller: null }, { rate: 0.5 })),
      ).toMatchObject({
        added: false,
        ahead: 0,
      });
      await bench.unchanged(() =>
        expect(enqueuePoint(bench.ledger, bench.jobId, { key: 'a', caller: null }, { rate: 0.75 })).rejects.toThrow(
          Conflict,
        ),
      );
      await bench.unchanged(() =>
        expect(enqueuePoint(bench.ledger, bench.jobId, { key: 'c', caller: null }, { rate: 7 })).rejects.toThrow(
          InvalidInput,
        ),
      );
    });

    test('becomes a trial in order, and its key is kept', async () => {
      const bench = await Bench.running(stage.store);
      await enqueuePoint(bench.ledger, bench.jobId, { key: 'a', caller: null }, { rate: 0.5 });
      await enqueuePoint(bench.ledger, bench.jobId, { key: 'b', caller: null }, { rate: 0.25 });
      expect(await bench.unchanged(() => issueEnqueued(bench, 0, 'b'))).toBe('not-next');
      expect(await issueEnqueued(bench, 0, 'a')).toBe('created');
      expect(await bench.unchanged(() => issueEnqueued(bench, 0, 'a'))).toBe('already');
      expect(await enqueuePoint(bench.ledger, bench.jobId, { key: 'a', caller: null }, { rate: 0.5 })).toMatchObject({
        added: false,
        trial: '0',
        ahead: null,
      });
      await bench.expectConsistent();
    });

    test('reserves its part of the budget and never exceeds it', async () => {
      const bench = await Bench.running(stage.store, { trials: 2 });
      await enqueuePoint(bench.ledger, bench.jobId, { key: 'a', caller: null }, { rate: 0.5 });
      expect(await bench.createTrial(0)).toBe('created');
      expect(await bench.createTrial(1)).toBe('no-budget');
      await expect(enqueuePoint(bench.ledger, bench.jobId, { key: 'b', caller: null }, { rate: 0.25 })).rejects.toThrow(
        Conflict,
      );
      expect(await issueEnqueued(bench, 1, 'a')).toBe('created');
      await expect(enqueuePoint(bench.ledger, bench.jobId, { key: 'b', caller: null }, { rate: 0.25 })).rejects.toThrow(
        Conflict,
      );
    });
  });

  describe('retryTrial', () => {
    test('replaces a failed trial and queues its point first, once', async () => {
      const bench = await Bench.running(stage.store, { trials: 2, attempts: 1 });
      await enqueuePoint(bench.ledger, bench.jobId, { key: 'a', caller: null }, { rate: 0.5 });
      await failTrial(bench.ledger, await bench.startedTrial(0), 'x');
      expect(await retryTrial(bench.ledger, bench.jobId, '0')).toMatchObject({ key: 'retry-0', added: true, ahead: 0 });
      expect(await bench.unchanged(() => retryTrial(bench.ledger, bench.jobId, '0'))).toMatchObject({ added: false });
      expect(await bench.job()).toMatchObject({ invalidated: 1, counts: { failed: 0, cancelled: 1 } });
      expect((await bench.ledger.readJob(bench.jobId)).enqueued.map(({ key }) => key)).toEqual([' retry-0', 'a']);
      await bench.expectConsistent();
    });

    test('is refused for a trial that has not failed or does not exist', async () => {
      const bench = await Bench.running(stage.store);
      await bench.completedTrial(0, 1);
      await bench.unchanged(() => expect(retryTrial(bench.ledger, bench.jobId, '0')).rejects.toThrow(Conflict));
      await bench.unchanged(() => expect(retryTrial(bench.ledger, bench.jobId, '9')).rejects.toThrow(NotFound));
    });
  });
}
