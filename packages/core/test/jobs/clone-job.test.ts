import { expect, test } from 'vitest';
import { acquireJobLease, advanceJobState, cloneJob, cloneRequestSchema, createJob } from '../../src/jobs/index.ts';
import { Ledger } from '../../src/ledger/index.ts';
import type { JobSpec } from '../../src/spec/index.ts';
import { parseJob } from '../../src/spec/index.ts';
import {
  completeTrial,
  createTrial,
  enqueuePoint,
  listObservations,
  recordHeartbeat,
  startTrial,
} from '../../src/trials/index.ts';
import { MemoryStore } from '../support/memory-store.ts';

const SOURCE = 'job_00000000000000000000';
const CLONE = 'job_00000000000000000001';
const LEASE = { leaseMs: 1e12 };

/** Runs one trial for each number. A trial that reports `early` at step 2 ends there if it is to be pruned. */
async function runSource(spec: JobSpec, values: readonly { final: number; early?: number }[]): Promise<Ledger> {
  const ledger = new Ledger(new MemoryStore());
  await createJob(ledger, SOURCE, spec);
  const lease = await acquireJobLease(ledger, SOURCE, 'coordinator', LEASE.leaseMs);
  if (lease.kind !== 'held') throw new Error('the lease was not acquired');
  const fenced = { jobId: SOURCE, fence: lease.fence };
  await advanceJobState(ledger, fenced, 'start');
  for (const [number, { final, early }] of values.entries()) {
    const trialId = String(number);
    const source = { kind: 'initial', seenSeq: 0 } as const;
    const point = { x: number / 1000 };
    await createTrial(ledger, fenced, { id: trialId, role: 'search', number, confirms: null, point, seed: 0, source });
    const ref = { jobId: SOURCE, trialId, attemptId: `attempt-${number}` };
    await startTrial(ledger, ref, { worker: 'w', runtime: null }, LEASE);
    const answer =
      early === undefined
        ? 'continue'
        : await recordHeartbeat(ledger, ref, { step: 2, partialSum: 0.1, value: early }, LEASE);
    const result = answer === 'prune' ? { outcome: 'pruned', value: early! } : { outcome: 'complete', value: final };
    await completeTrial(ledger, ref, { ...result, metrics: {}, curve: '', provenance: {} } as never);
  }
  return ledger;
}

test('a clone knows of a pruned trial what its source knew, and not the value at which it was stopped', async () => {
  const spec = parseJob({
    name: 'source',
    objective: {
      kind: 'training',
      dataset: { name: 'two-gaussians', train: 100, validation: 100 },
      network: { name: 'mlp' },
      optimizer: { name: 'adam', learningRate: 0.1 },
      epochs: 10,
      batchSize: 50,
      metric: 'validation-loss',
    },
    space: { x: { type: 'float', low: 0, high: 1, at: '/optimizer/learningRate' } },
    search: { trials: 20, maxParallelism: 1, pruning: 'median' },
  } as never);
  const good = Array.from({ length: 6 }, (_, n) => ({ final: 0.3 + n / 100, early: 2 + n / 100 }));
  const ledger = await runSource(spec, [...good, { final: NaN, early: 2.3 }]);
  const { job } = await ledger.readJob(SOURCE);
  const trials = await ledger.readAllTrials(job);
  expect(trials.at(-1)).toMatchObject({ state: 'pruned', result: { value: 2.3 } });
  const clone = await cloneJob(ledger, SOURCE, CLONE, cloneRequestSchema.parse({ warmStart: {} }));
  const known = listObservations(clone.spec, [], 0);
  const strip = (list: typeof known) => list.map(({ point, status, value }) => ({ point, status, value }));
  expect(strip(known)).toEqual(strip(listObservations(spec, trials, job.seq)));
  // The median of the complete trials, .325, and as far from it as the trial was from the median at its step.
  expect(known.at(-1)!.value).toBeCloseTo(0.595, 10);
});

test('a clone of a job with more results than it can know keeps the best ones and some of the others', async () => {
  const spec = parseJob({
    name: 'source',
    objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
    space: { x: { type: 'float', low: 0, high: 1 } },
    search: { algorithm: 'random', trials: 600, maxParallelism: 1 },
  } as never);
  const ledger = await runSource(
    spec,
    Array.from({ length: 600 }, (_, n) => ({ final: n })),
  );
  const clone = await cloneJob(ledger, SOURCE, CLONE, cloneRequestSchema.parse({ warmStart: {} }));
  expect(clone).toMatchObject({ observed: 500, skipped: 100 });
  const values = clone.spec.search.known.map(({ value }) => value!);
  expect(values.slice(0, 333)).toEqual(Array.from({ length: 333 }, (_, n) => n));
  expect(values.at(-1)).toBeGreaterThan(595);
});

test('a client may use any key for a point of a clone', async () => {
  const spec = parseJob({
    name: 'source',
    objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
    space: { x: { type: 'float', low: 0, high: 1 } },
    search: { algorithm: 'random', trials: 4 },
    confirm: { top: 0, seeds: 0 },
  });
  const ledger = await runSource(spec, [{ final: 1 }, { final: 2 }]);
  const request = cloneRequestSchema.parse({ warmStart: { mode: 'enqueue', top: 1 } });
  expect(await cloneJob(ledger, SOURCE, CLONE, request)).toMatchObject({ enqueued: 1 });
  const added = await enqueuePoint(ledger, CLONE, { key: `${SOURCE}-0`, caller: null }, { x: 0.5 });
  expect(added).toMatchObject({ added: true, ahead: 1 });
});
