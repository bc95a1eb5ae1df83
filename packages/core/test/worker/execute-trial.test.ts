import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { LedgerUnavailable, type TrialRecord, type TrialResult } from '../../src/domain/index.ts';
import { steerJob } from '../../src/jobs/index.ts';
import { type LedgerStore } from '../../src/ledger/index.ts';
import { TrainerFailed, type Clock, type Trainer } from '../../src/ports/index.ts';
import { readTrialDetail } from '../../src/trials/index.ts';
import { executeTrial, type Executed, type ExecutorDeps } from '../../src/worker/index.ts';
import { job } from '../support/jobs.ts';
import { RUNTIME, silent, World } from '../support/world.ts';

const result: TrialResult = { outcome: 'complete', value: 0.5, metrics: {}, curve: '', provenance: {} };

/** A job with its reference queued, and a way to execute it by a trainer of the test's making. */
async function createQueuedTrial(train: Trainer['train'], deps: Partial<ExecutorDeps> = {}) {
  const world = new World();
  const id = await world.create(job());
  await world.round();
  const message = [...world.queue.values()].find(({ trialId }) => trialId === 'reference')!;
  const stop = new AbortController();
  const execute = (): Promise<Executed> =>
    executeTrial(
      {
        ledger: world.ledger,
        trainer: { train, close: async () => {} },
        signals: { publish() {}, subscribe: () => () => {}, close: async () => {} },
        clock: {
          monotonic: () => performance.now(),
          sleep: async (ms, signal) => delay(Math.min(ms, 5), undefined, { signal }).catch(() => undefined),
        },
        log: silent,
        executor: { worker: 'w', runtime: RUNTIME },
        leaseMs: 60,
        newId: randomUUID,
        ...deps,
      },
      message,
      stop.signal,
    );
  const trial = async (): Promise<TrialRecord> => (await world.ledger.readTrials(id, ['reference']))[0]!;
  /** Resolves when a heartbeat has reported progress. */
  const hasProgress = async (): Promise<void> =>
    vi.waitFor(async () => expect((await trial()).progress).not.toBeNull(), { timeout: 10_000, interval: 5 });
  return { world, id, stop, execute, trial, hasProgress };
}

/** Trains until its signal aborts. */
const untilAborted: Trainer['train'] = async (_, { signal }) => {
  while (!signal.aborted) await delay(2);
  throw new TrainerFailed('cancelled', 'stopped');
};

describe('executing a trial', () => {
  test('reports progress and its result', async () => {
    const seen: number[] = [];
    const { execute, trial, hasProgress } = await createQueuedTrial(
      async ({ objective, timeoutMs }, { onProgress }) => {
        seen.push(objective.kind === 'training' ? objective.backward.length : NaN, timeoutMs);
        onProgress({ step: 3, partialSum: 2.5 });
        await hasProgress();
        return result;
      },
    );
    expect(await execute()).toBe('reported');
    // The reference is trained without any replacement.
    expect(seen).toEqual([0, 30 * 60_000]);
    expect(await trial()).toMatchObject({
      state: 'complete',
      progress: { step: 3, partialSum: 2.5 },
      result: { value: 0.5 },
    });
  });

  test('reports what a training passed between two heartbeats, thinned out', async () => {
    const { world, id, execute, hasProgress } = await createQueuedTrial(async (_, { onProgress }) => {
      for (let step = 1; step <= 100; step++) onProgress({ step, partialSum: step / 1000 });
      await hasProgress();
      return result;
    });
    expect(await execute()).toBe('reported');
    const { reports } = await readTrialDetail(world.ledger, id, 'reference');
    const { losses } = reports[0]!;
    expect(losses.length).toBeGreaterThan(8);
    expect(losses.length).toBeLessThanOrEqual(17);
    expect(losses.at(-1)!.step).toBe(100);
    // Of a constant loss, whatever is left out.
    expect(new Set(losses.slice(1).map(({ value }) => value.toFixed(6))).size).toBe(1);
  });

  test('omits progress at a repeated or an earlier step', async () => {
    const { execute, trial, hasProgress } = await createQueuedTrial(async (_, { onProgress }) => {
      for (const [step, partialSum] of [
        [3, 2.5],
        [5, 4],
        [4, 9],
        [5, 9],
      ] as const)
        onProgress({ step, partialSum });
      await hasProgress();
      return result;
    });
    expect(await execute()).toBe('reported');
    expect((await trial()).progress).toEqual({ step: 5, partialSum: 4 });
  });

  test('is refused if another executor has the trial', async () => {
    const { execute } = await createQueuedTrial(async () => {
      await delay(30);
      return result;
    });
    const [first, second] = await Promise.all([execute(), execute()]);
    expect([first, second].sort()).toEqual(['refused', 'reported']);
  });

  test('stops training when the job is cancelled', async () => {
    const { world, id, execute, trial } = await createQueuedTrial(untilAborted);
    const executed = execute();
    await delay(10);
    await steerJob(world.ledger, id, 'cancel');
    expect(await executed).toBe('cancelled');
    expect((await trial()).state).toBe('cancelled');
  });

  test('releases the trial when the worker is stopped: preempted, not failed', async () => {
    const { stop, execute, trial } = await createQueuedTrial(untilAborted);
    const executed = execute();
    await delay(10);
    stop.abort();
    expect(await executed).toBe('released');
    expect(await trial()).toMatchObject({ state: 'pending', preemptions: 1, attempts: [{ outcome: 'released' }] });
  });

  test('declines a trial whose data is not on this machine, which is no failure', async () => {
    const declined: string[] = [];
    const train = async (): Promise<never> => {
      throw new TrainerFailed('no-data', 'mnist is not here');
    };
    const deps = { onNoData: (...args: string[]) => void declined.push(args.join(': ')) };
    const { id, execute, trial } = await createQueuedTrial(train, deps);
    expect(await execute()).toBe('declined');
    expect(declined).toEqual([`${id}: mnist is not here`]);
    expect(await trial()).toMatchObject({ state: 'pending', attempts: [{ outcome: 'released' }] });
  });

  test('a crash costs one attempt and is tried again later; a refusal is final', async () => {
    const crashed = await createQueuedTrial(async () => {
      throw new TrainerFailed('crashed', 'the trainer died of SIGSEGV');
    });
    expect(await crashed.execute()).toBe('failed');
    const pending = await crashed.trial();
    expect(pending).toMatchObject({
      state: 'pending',
      attempts: [{ outcome: 'failed', reason: 'the trainer died of SIGSEGV' }],
    });
    expect(pending.notBefore).toBeGreaterThan(crashed.world.store.now);
    const refused = await createQueuedTrial(async () => {
      throw new TrainerFailed('refused', 'the data set is not here');
    });
    expect(await refused.execute()).toBe('failed');
    expect(await refused.trial()).toMatchObject({ state: 'failed', reason: 'the data set is not here' });
  });

  test('reports every rung in order and prunes the training if the ledger says so', async () => {
    const world = new World();
    const id = await world.create(
      job({
        search: { trials: 6, maxParallelism: 6, initial: 6, seed: 7, pruning: 'asha' },
        objective: { kind: 'training', dataset: { name: 'two-gaussians', train: 1000, validation: 100 }, epochs: 3 },
      }),
    );
    await world.round();
    const run = (number: number, level: number): Promise<Executed> =>
      executeTrial(
        {
          ledger: world.ledger,
          trainer: {
            close: async () => {},
            train: async ({ rungs }, { onProgress, prune }) => {
              // All at once, faster than they can be reported.
              for (const step of rungs!) onProgress({ step, partialSum: level * step });
              for (let i = 0; i < 20 && !prune!.aborted; i++) await delay(5);
              return prune!.aborted ? { ...result, outcome: 'pruned', value: level } : { ...result, value: level };
            },
          },
          signals: { publish() {}, subscribe: () => () => {}, close: async () => {} },
          clock: {
            monotonic: () => performance.now(),
            sleep: async (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
          },
          log: silent,
          executor: { worker: 'w', runtime: RUNTIME },
          leaseMs: 60_000,
          newId: randomUUID,
        },
        [...world.queue.values()].find(({ trialId }) => trialId === String(number))!,
        new AbortController().signal,
      );
    expect(await run(0, 1)).toBe('reported');
    expect(await run(1, 2)).toBe('reported');
    const [first, second] = await world.ledger.readTrials(id, ['0', '1']);
    expect(first).toMatchObject({ state: 'complete', progress: { step: 20, partialSum: 20 } });
    expect(second).toMatchObject({
      state: 'pruned',
      pruning: { step: 3, value: 6, threshold: 3 },
      result: { value: 2 },
    });
  });

  test('keeps a result while the ledger is unavailable and reports it later, without training again', async () => {
    let trainings = 0;
    const { world, execute, trial } = await createQueuedTrial(async () => {
      trainings += 1;
      return result;
    });
    // The store answers only the first start for a while.
    const store: LedgerStore = world.store;
    const commitOrRead = store.commitOrRead.bind(store);
    let calls = 0;
    store.commitOrRead = async (...args) => {
      calls += 1;
      if (calls > 1 && calls < 6) throw new LedgerUnavailable('Redis is away');
      return commitOrRead(...args);
    };
    expect(await execute()).toBe('reported');
    expect(trainings).toBe(1);
    expect(calls).toBeGreaterThanOrEqual(6);
    expect((await trial()).attempts).toHaveLength(1);
  });

  test('at a shutdown, waits for the ledger for seconds, and then says that the result is not recorded', async () => {
    let now = 0;
    const clock: Clock = {
      monotonic: () => now,
      sleep: async (ms, signal) => {
        await delay(0);
        if (!signal?.aborted) now += ms;
      },
    };
    const warnings: string[] = [];
    const log = { ...silent, warn: (_: object, message: string) => void warnings.push(message) };
    const { world, stop, execute, trial } = await createQueuedTrial(async () => result, { clock, log });
    const store: LedgerStore = world.store;
    const commitOrRead = store.commitOrRead.bind(store);
    let calls = 0;
    let stoppedAt = 0;
    store.commitOrRead = async (...args) => {
      calls += 1;
      if (calls === 1) return commitOrRead(...args);
      if (calls === 50) [stoppedAt] = [now, stop.abort()];
      throw new LedgerUnavailable('the disk is full');
    };
    expect(await execute()).toBe('unrecorded');
    expect(now - stoppedAt).toBeGreaterThanOrEqual(15_000);
    expect(now - stoppedAt).toBeLessThan(16_000);
    expect(warnings.filter((message) => message.startsWith('result not recorded'))).toHaveLength(1);
    expect((await trial()).state).toBe('running');
  });
});
