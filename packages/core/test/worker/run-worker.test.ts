import { expect, test } from 'vitest';
import { Ledger } from '../../src/ledger/index.ts';
import type { Trainer, WorkerInfo } from '../../src/ports/index.ts';
import { runWorker } from '../../src/worker/index.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { RUNTIME, silent } from '../support/world.ts';

/** Runs a worker until its second announcement, and returns what it announced. */
async function announceTwice(trainers: readonly Partial<Trainer>[]): Promise<WorkerInfo[]> {
  const announced: WorkerInfo[] = [];
  const stop = new AbortController();
  let now = 0;
  await runWorker(
    {
      ledger: new Ledger(new MemoryStore()),
      dispatcher: {
        send: async () => {},
        findMissing: async () => [],
        consume: () => ({ close: async () => {} }),
        close: async () => {},
      },
      workers: {
        announce: async (worker) => {
          announced.push(worker);
          if (announced.length === 2) stop.abort();
        },
        withdraw: async () => {},
        listLive: async () => [],
      },
      signals: { publish() {}, subscribe: () => () => {}, close: async () => {} },
      clock: { monotonic: () => now, sleep: async (ms) => void (now += ms) },
      log: silent,
      trainers: trainers.map((trainer) => ({ close: async () => {}, ...trainer }) as Trainer),
      runtime: RUNTIME,
      backend: 'wasm',
      device: 'cpu',
      name: 'lab-7',
      labels: ['b', 'a', 'b'],
      leaseMs: 30_000,
    },
    stop.signal,
  );
  return announced;
}

test('announces its labels, the memory of its trainers and what it has measured', async () => {
  const [first, second] = await announceTwice([
    { measureMemory: async () => 1_000 },
    { measureMemory: async () => 500 },
    { measureMemory: async () => null },
    {},
  ]);
  expect(first).toMatchObject({ name: 'lab-7', labels: ['a', 'b'], slots: 4, memory: 1_500 });
  expect(first!.recent).toEqual({ windowMs: 0, trials: 0, jobs: [] });
  expect(second!.recent!.windowMs).toBe(2_000);
});

test('announces no memory if no trainer tells it', async () => {
  const [worker] = await announceTwice([{}, { measureMemory: async () => null }]);
  expect(worker).not.toHaveProperty('memory');
});
