import type { WorkerInfo, WorkerRegistry } from '@gradsmith/core/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../waiting.ts';

export interface RegistryBacking {
  workers: WorkerRegistry;
  dispose(): Promise<void>;
}

function createWorker(id: string, busy: string[] = []): WorkerInfo {
  return { id, name: `host-${id}`, runtime: 'wasm float32, 2 threads', backend: 'wasm', slots: 2, busy };
}

/** Tests a WorkerRegistry. `make` creates an empty one. */
export function workerRegistryConformance(name: string, make: () => Promise<RegistryBacking>): void {
  describe(`${name}: worker registry`, () => {
    let backing: RegistryBacking;
    beforeEach(async () => {
      backing = await make();
    });
    afterEach(async () => backing.dispose());

    /** The announcements, without their times. */
    const live = async (): Promise<WorkerInfo[]> =>
      (await backing.workers.listLive())
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ seenAt: _seenAt, ...worker }) => worker);

    test('is empty at first', async () => {
      expect(await live()).toEqual([]);
    });

    test('lists a worker as it was last announced', async () => {
      await backing.workers.announce(createWorker('a'), 60_000);
      await backing.workers.announce(createWorker('b'), 60_000);
      await backing.workers.announce(createWorker('a', ['job_0/3']), 60_000);
      expect(await live()).toEqual([createWorker('a', ['job_0/3']), createWorker('b')]);
    });

    test('tells when a worker announced itself last', async () => {
      const read = async (): Promise<number> => (await backing.workers.listLive())[0]!.seenAt!;
      await backing.workers.announce(createWorker('a'), 60_000);
      const first = await read();
      expect(Math.abs(first - Date.now())).toBeLessThan(60_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await backing.workers.announce(createWorker('a'), 30_000);
      const second = await read();
      expect(second).toBeGreaterThan(first);
      expect(second - first).toBeLessThan(20_000);
    });

    test('removes a withdrawn worker, and accepts the withdrawal of an unknown one', async () => {
      await backing.workers.announce(createWorker('a'), 60_000);
      await backing.workers.announce(createWorker('b'), 60_000);
      await backing.workers.withdraw('a');
      await backing.workers.withdraw('nobody');
      expect(await live()).toEqual([createWorker('b')]);
    });

    test('removes only silent workers', async () => {
      await backing.workers.announce(createWorker('silent'), 60_000);
      await backing.workers.announce(createWorker('alive'), 60_000);
      expect(await live()).toHaveLength(2);
      await backing.workers.announce(createWorker('silent'), 50);
      await waitUntil(async () => (await live()).length === 1);
      expect(await live()).toEqual([createWorker('alive')]);
    });

    test('keeps a worker that renews its announcement in time', async () => {
      await backing.workers.announce(createWorker('a'), 50);
      await backing.workers.announce(createWorker('a'), 60_000);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await live()).toEqual([createWorker('a')]);
      await backing.workers.announce(createWorker('a'), 50);
      await waitUntil(async () => (await live()).length === 0);
    });

    test('shares nothing with its callers', async () => {
      const mine = createWorker('a', ['job_0/1']);
      await backing.workers.announce(mine, 60_000);
      mine.busy.push('job_0/2');
      (await live())[0]!.busy.push('job_0/3');
      expect(await live()).toEqual([createWorker('a', ['job_0/1'])]);
    });
  });
}
