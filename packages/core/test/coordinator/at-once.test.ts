import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runCoordinator } from '../../src/coordinator/index.ts';
import { createJob } from '../../src/jobs/index.ts';
import { Ledger } from '../../src/ledger/index.ts';
import type { TrialMessage } from '../../src/ports/index.ts';
import { completeTrial, startTrial } from '../../src/trials/index.ts';
import { job } from '../support/jobs.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { RUNTIME, silent } from '../support/world.ts';

/** Jobs that a coordinator advances at once. */
const AT_ONCE = 16;
const PARALLELISM = 4;

const makeId = (kind: string, n: number): string => `job_${kind.repeat(10)}${String(n).padStart(10, '0')}`;

/**
 * Runs a coordinator whose suggestions take forever if all parallel trials of their job are running: those are computed
 * ahead. `send` is called with each message.
 */
function startCoordinator(ledger: Ledger, send: (message: TrialMessage) => Promise<void>) {
  const stop = new AbortController();
  const counts = { ahead: 0 };
  const listeners: ((jobId: string) => void)[] = [];
  const running = runCoordinator(
    {
      ledger,
      owner: 'one',
      leaseMs: 60_000,
      trialLeaseMs: 60_000,
      everyMs: 20,
      log: silent,
      dispatcher: {
        send,
        findMissing: async () => [],
        consume: () => {
          throw new Error('the test takes the messages');
        },
        close: async () => {},
      },
      suggester: {
        versions: {},
        close: async () => {},
        suggest: async (_, { history, number }) => {
          if (history.filter(({ status }) => status === 'pending').length === PARALLELISM) {
            counts.ahead += 1;
            await new Promise(() => {});
          }
          return [{ kind: 'point', source: 'model', point: { 'relu2.u': number / 100 } }];
        },
      },
      workers: {
        listLive: async () => [
          { id: 'w', name: 'w', runtime: RUNTIME, backend: 'wasm', slots: 1_000, busy: [], seenAt: 0 },
        ],
        announce: async () => {},
        withdraw: async () => {},
      },
      signals: { publish() {}, subscribe: (listener) => (listeners.push(listener), () => {}), close: async () => {} },
      clock: {
        monotonic: () => performance.now(),
        sleep: async (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
      },
    },
    stop.signal,
  );
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return { counts, notify: (jobId: string) => listeners.forEach((listener) => listener(jobId)) };
}

test('advances as many jobs at once as usual while suggestions for others are computed ahead', async () => {
  const ledger = new Ledger(new MemoryStore());
  const completed: Promise<unknown>[] = [];
  const complete = async ({ jobId, trialId }: TrialMessage): Promise<void> => {
    const ref = { jobId, trialId, attemptId: crypto.randomUUID() };
    await startTrial(ledger, ref, { worker: 'w', runtime: RUNTIME }, { leaseMs: 60_000 });
    const result = { outcome: 'complete', value: 1, metrics: {}, curve: '', provenance: {} } as const;
    await completeTrial(ledger, ref, result);
    coordinator.notify(jobId);
  };
  let [sent, sending, most] = [0, 0, 0];
  const isFull = Promise.withResolvers<void>();
  const coordinator = startCoordinator(ledger, async (message) => {
    if (message.jobId.startsWith('job_a')) {
      // The first search trials have results, so that the next suggestions are worth computing ahead.
      if (Number(message.trialId) < PARALLELISM || message.trialId === 'reference') completed.push(complete(message));
      return;
    }
    sending += 1;
    most = Math.max(most, sending);
    if (sending === AT_ONCE) isFull.resolve();
    await isFull.promise;
    // Too many at once would be sent by now.
    await delay(20);
    sending -= 1;
    sent += 1;
  });
  const search = { trials: 40, maxParallelism: PARALLELISM };
  for (let n = 0; n < AT_ONCE; n++) await createJob(ledger, makeId('a', n), job({ search }));
  await expect.poll(() => coordinator.counts.ahead, { timeout: 20_000 }).toBe(AT_ONCE);
  // Their first trial is the reference, which needs no suggestion, and there is no slot for another one.
  const others = 3 * AT_ONCE;
  for (let n = 0; n < others; n++) await createJob(ledger, makeId('b', n), job({ search: { maxParallelism: 1 } }));
  await expect.poll(() => sent, { timeout: 20_000 }).toBe(others);
  expect(most).toBe(AT_ONCE);
  await Promise.all(completed);
}, 60_000);
