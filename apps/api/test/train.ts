import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TrialResult } from '@gradsmith/core/domain';
import { completeTrial, recordHeartbeat, startTrial } from '@gradsmith/core/trials';
import type { TestApi } from './support.ts';

const RUNTIME = 'cpu float32 threads=1';
const worker = { id: 'w', name: 'w', runtime: RUNTIME, backend: 'cpu', slots: 4, busy: [] };
const NOTHING: TrialResult = { outcome: 'complete', value: 0, metrics: {}, curve: '', provenance: {} };
const LEASE = { leaseMs: 30_000 };

/**
 * Plays the worker of a training job until it has finished: each trial has the value or the result that is given for
 * its id.
 */
export async function train(
  { ledger, workers, signals }: TestApi,
  jobId: string,
  measure: (trialId: string) => number | Partial<TrialResult>,
): Promise<void> {
  await workers.announce(worker, 60_000);
  for (;;) {
    const { job } = await ledger.readJob(jobId);
    if (job.finishedAt !== null) return;
    for (const trialId of job.open) {
      const ref = { jobId, trialId, attemptId: randomUUID() };
      await startTrial(ledger, ref, { worker: 'w', runtime: RUNTIME }, LEASE);
      const measured = measure(trialId);
      const result = typeof measured === 'number' ? { value: measured } : measured;
      await completeTrial(ledger, ref, { ...NOTHING, ...result });
    }
    signals.publish(jobId);
    await delay(5);
  }
}

/** A training that a test plays. */
export interface PlayedTraining {
  report(step: number, partialSum: number): Promise<void>;
  complete(result: Partial<TrialResult>): Promise<void>;
}

/** Completes the reference of a training job and starts its first search trial. */
export async function startTraining(service: TestApi, jobId: string): Promise<PlayedTraining> {
  const { ledger, workers, signals } = service;
  await workers.announce(worker, 60_000);
  const start = async (trialId: string): Promise<PlayedTraining> => {
    while (!(await ledger.readJob(jobId)).job.open.includes(trialId)) await delay(5);
    const ref = { jobId, trialId, attemptId: randomUUID() };
    await startTrial(ledger, ref, { worker: 'w', runtime: RUNTIME }, LEASE);
    return {
      report: async (step, partialSum) => void (await recordHeartbeat(ledger, ref, { step, partialSum }, LEASE)),
      complete: async (result) => {
        await completeTrial(ledger, ref, { ...NOTHING, ...result });
        signals.publish(jobId);
      },
    };
  };
  await (await start('reference')).complete({ value: 1 });
  return start('0');
}
