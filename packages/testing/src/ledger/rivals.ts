import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled } from '@gradsmith/core/domain';
import { steerJob, acquireJobLease } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import {
  startTrial,
  expireTrial,
  failTrial,
  recordHeartbeat,
  createTrial,
  releaseTrial,
  completeTrial,
} from '@gradsmith/core/trials';
import { describe, expect, test } from 'vitest';
import { Bench, LONG, OVER, createResult, searchTrial } from './bench.ts';
import type { Stage } from './stage.ts';

/** Many processes at once, each with its own connection. */
export function testRivals(stage: Stage): void {
  describe('rivals', () => {
    const ledgers = async (count: number): Promise<Ledger[]> =>
      Promise.all(Array.from({ length: count }, async () => new Ledger(await stage.open())));

    test('coordinators under one fence never exceed the budget nor share a number', async () => {
      const bench = await Bench.running(stage.store, { trials: 10 });
      const coordinators = await ledgers(4);
      const created = await Promise.all(
        coordinators.map(async (ledger) => {
          const mine: number[] = [];
          for (;;) {
            const { job } = await ledger.readJob(bench.jobId);
            const answer = await createTrial(ledger, bench.fenced, {
              ...searchTrial(job.nextNumber),
              point: { rate: Math.random() },
            });
            if (answer === 'created') mine.push(job.nextNumber);
            if (answer === 'no-budget') return mine;
          }
        }),
      );
      expect(created.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, n) => n));
      await bench.expectConsistent();
    });

    test('coordinators that compete for the lease stay within the budget', async () => {
      const bench = await Bench.running(stage.store, { trials: 12 });
      const coordinators = await ledgers(4);
      await Promise.all(
        coordinators.map(async (ledger, i) => {
          for (;;) {
            // In lockstep, no coordinator would keep the lease until it creates a trial.
            await sleep(5 * Math.random());
            const held = await acquireJobLease(ledger, bench.jobId, `coordinator ${i}`, OVER);
            if (held.kind === 'taken') continue;
            const { job } = await ledger.readJob(bench.jobId);
            const answer = await createTrial(
              ledger,
              { jobId: bench.jobId, fence: held.fence },
              searchTrial(job.nextNumber),
            );
            if (answer === 'no-budget') return;
          }
        }),
      );
      expect((await bench.job()).nextNumber).toBe(12);
      await bench.expectConsistent();
    });

    test('of many executors that start a trial, one succeeds', async () => {
      const bench = await Bench.running(stage.store);
      await bench.createTrial();
      const answers = await Promise.all(
        (await ledgers(8)).map((ledger) =>
          startTrial(ledger, bench.attempt(), { worker: 'w', runtime: null }, { leaseMs: LONG }),
        ),
      );
      expect(answers.filter(({ kind }) => kind === 'started')).toHaveLength(1);
      expect((await bench.trial()).attempts).toHaveLength(1);
    });

    test('settles one of many results of one attempt: equal ones are already reported, others conflict', async () => {
      const bench = await Bench.running(stage.store);
      const ref = await bench.startedTrial();
      const answers = await Promise.all(
        (await ledgers(8)).map((ledger, i) => completeTrial(ledger, ref, createResult(i % 2))),
      );
      const settled = (await bench.trial()).result!.value;
      expect(answers.filter((answer) => answer === 'reported')).toHaveLength(1);
      expect(answers.map((answer, i) => [i % 2 === settled, answer === 'conflict'])).toEqual(
        answers.map((_, i) => [i % 2 === settled, i % 2 !== settled]),
      );
      expect((await bench.job()).counts.complete).toBe(1);
    });

    test('completing, failing, releasing, expiring and cancelling at the same time settle the trial once', async () => {
      const all = await ledgers(5);
      for (let round = 0; round < 5; round++) {
        const bench = await Bench.running(stage.store, { attempts: 1 });
        const ref = await bench.startedTrial(0, OVER);
        await Promise.all([
          completeTrial(all[0]!, ref, createResult(1)),
          failTrial(all[1]!, ref, 'x'),
          releaseTrial(all[2]!, ref, 'x'),
          expireTrial(all[3]!, bench.fenced, '0'),
          recordHeartbeat(all[4]!, ref, { step: 1, partialSum: 1 }, { leaseMs: OVER }),
          ...(round % 2 ? [steerJob(all[0]!, bench.jobId, 'cancel')] : []),
        ]);
        const trial = await bench.trial();
        expect(isSettled(trial.state) || trial.state === 'pending').toBe(true);
        expect(trial.history.filter(([, move]) => ['complete', 'fail', 'cancel'].includes(move)).length).toBe(
          isSettled(trial.state) ? 1 : 0,
        );
        await bench.expectConsistent();
      }
    });

    test('many executors and a coordinator settle exactly the budget', async () => {
      const bench = await Bench.running(stage.store, { trials: 20, attempts: 20 });
      const executors = await ledgers(4);
      let reported = 0;
      const coordinator = (async () => {
        for (;;) {
          const { job } = await bench.ledger.readJob(bench.jobId);
          if (job.counts.complete === 20) return;
          for (const id of job.open) await expireTrial(bench.ledger, bench.fenced, id);
          if (job.open.length < 6) await bench.createTrial(job.nextNumber);
        }
      })();
      const execute = async (ledger: Ledger, i: number): Promise<void> => {
        for (let turn = 0; ; turn++) {
          const { job } = await ledger.readJob(bench.jobId);
          if (job.counts.complete === 20) return;
          const trialId = job.open[(i + turn) % Math.max(1, job.open.length)];
          if (trialId === undefined) continue;
          const ref = { jobId: bench.jobId, trialId, attemptId: randomUUID() };
          const started = await startTrial(
            ledger,
            ref,
            { worker: `w${i}`, runtime: null },
            { leaseMs: turn % 3 ? LONG : OVER },
          );
          if (started.kind !== 'started') continue;
          // Some die, some fail, most report, and each report is repeated as if its reply had been lost.
          if (turn % 5 === 1) await failTrial(ledger, ref, 'x');
          else if (turn % 7 === 6) await releaseTrial(ledger, ref, 'x');
          else if ((await completeTrial(ledger, ref, createResult(Number(trialId)))) === 'reported') {
            reported += 1;
            expect(await completeTrial(ledger, ref, createResult(Number(trialId)))).toBe('already');
          }
        }
      };
      await Promise.all([coordinator, ...executors.map(execute)]);
      expect(reported).toBe(20);
      const { job, trials } = await bench.everything();
      expect(job).toMatchObject({ nextNumber: 20, counts: { complete: 20, failed: 0 }, open: [] });
      expect(trials.map(({ result }) => result!.value)).toEqual(trials.map(({ number }) => number));
      await bench.expectConsistent();
    }, 30_000);
  });
}
