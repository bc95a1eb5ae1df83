import { NotFound } from '@gradsmith/core/domain';
import { describe, expect, test } from 'vitest';
import { listAt, type StoreBench } from './bench.ts';

/** Tests lists of all and of active jobs. */
export function testLists(bench: StoreBench): void {
  const { put } = bench;

  describe('list', () => {
    test('is empty at first', async () => {
      expect(await bench.store.list({ limit: 9 })).toEqual([]);
      expect(await bench.store.list({ limit: 9, active: true })).toEqual([]);
    });

    test('goes from the newest to the oldest, page by page', async () => {
      const order = [3, 1, 10, 2, 1_700_000_000_000, 9];
      for (const createdAt of order) await put(`j${createdAt}`, [['a', '1']], createdAt);
      const wanted = order.sort((a, b) => b - a).map((createdAt) => `j${createdAt}`);
      expect(await bench.store.list({ limit: 9 })).toEqual(wanted);
      expect(await pages(2, false)).toEqual(wanted);
      expect(await pages(2, true)).toEqual(wanted);
    });

    test('pages through jobs of the same time without losing or repeating one', async () => {
      const ids = Array.from({ length: 11 }, (_, i) => `job_${i}`);
      for (const id of ids) await put(id, [['a', '1']], 7);
      const found = await pages(3, false);
      expect(found).toHaveLength(11);
      expect(new Set(found)).toEqual(new Set(ids));
    });

    test('follows a job out of and back into the active ones', async () => {
      await put('j', [['a', '1']]);
      await put('k', [['a', '1']], 2);
      await bench.store.commit('j', { expected: [['a', '1']], writes: [['a', '2']], index: listAt(1, false) });
      expect(await bench.store.list({ limit: 9, active: true })).toEqual(['k']);
      expect(await bench.store.list({ limit: 9 })).toEqual(['k', 'j']);
      await bench.store.commit('j', { expected: [['a', '2']], writes: [['a', '3']], index: listAt(1) });
      expect(await bench.store.list({ limit: 9, active: true })).toEqual(['k', 'j']);
    });

    test('continues after a job that is no longer active', async () => {
      for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) await put(id, [['f', '1']], i);
      expect(await bench.store.list({ limit: 2, active: true })).toEqual(['d', 'c']);
      await bench.store.commit('c', { expected: [], writes: [['f', '2']], index: listAt(2, false) });
      expect(await bench.store.list({ limit: 2, active: true, after: 'c' })).toEqual(['b', 'a']);
    });

    test('throws if the job to continue after is unknown', async () => {
      await put('j', [['a', '1']]);
      await expect(bench.store.list({ limit: 9, after: 'none' })).rejects.toThrow(NotFound);
    });

    const pages = async (limit: number, active: boolean): Promise<string[]> => {
      const found: string[] = [];
      for (;;) {
        const after = found.at(-1);
        const page = await bench.store.list({ limit, active, after });
        expect(page.length).toBeLessThanOrEqual(limit);
        found.push(...page);
        if (page.length < limit) return found;
      }
    };
  });
}
