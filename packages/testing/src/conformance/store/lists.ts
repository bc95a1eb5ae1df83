import { describe, expect, test } from 'vitest';
import { listIds } from '../../list-ids.ts';
import { listAt, type StoreBench } from './bench.ts';

/** Tests lists of all and of active jobs. */
export function testLists(bench: StoreBench): void {
  const { put } = bench;

  describe('list', () => {
    test('is empty at first', async () => {
      expect(await listIds(bench.store)).toEqual([]);
      expect(await listIds(bench.store, { active: true })).toEqual([]);
    });

    test('goes from the newest to the oldest, page by page', async () => {
      const order = [3, 1, 10, 2, 1_700_000_000_000, 9];
      for (const createdAt of order) await put(`j${createdAt}`, [['a', '1']], createdAt);
      const wanted = order.sort((a, b) => b - a).map((createdAt) => `j${createdAt}`);
      expect(await listIds(bench.store)).toEqual(wanted);
      expect((await readPages(2, false)).flat()).toEqual(wanted);
      expect((await readPages(2, true)).flat()).toEqual(wanted);
    });

    test('pages through jobs of the same time without losing or repeating one', async () => {
      const ids = Array.from({ length: 11 }, (_, i) => `job_${i}`);
      for (const id of ids) await put(id, [['a', '1']], 7);
      const found = (await readPages(3, false)).flat();
      expect(found).toHaveLength(11);
      expect(new Set(found)).toEqual(new Set(ids));
    });

    test('follows a job out of and back into the active ones', async () => {
      await put('j', [['a', '1']]);
      await put('k', [['a', '1']], 2);
      await bench.store.commit('j', { expected: [['a', '1']], writes: [['a', '2']], index: listAt(1, false) });
      expect(await listIds(bench.store, { active: true })).toEqual(['k']);
      expect(await listIds(bench.store)).toEqual(['k', 'j']);
      await bench.store.commit('j', { expected: [['a', '2']], writes: [['a', '3']], index: listAt(1) });
      expect(await listIds(bench.store, { active: true })).toEqual(['k', 'j']);
    });

    test('continues after a job that is no longer active', async () => {
      for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) await put(id, [['f', '1']], i);
      const found = await readPages(2, true, async () => {
        await bench.store.commit('c', { expected: [], writes: [['f', '2']], index: listAt(2, false) });
      });
      expect(found).toEqual([
        ['d', 'c'],
        ['b', 'a'],
      ]);
    });

    test.each([false, true])('continues after the jobs of a page were deleted (active only: %s)', async (active) => {
      for (const [i, id] of ['a', 'b', 'c', 'd', 'e'].entries()) await put(id, [['f', '1']], i);
      const found = await readPages(2, active, async (page) => {
        for (const id of page) await bench.store.remove(id);
      });
      expect(found).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
      expect(await listIds(bench.store)).toEqual([]);
    });

    test('continues after the last job of a page was deleted and created again', async () => {
      for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) await put(id, [['f', '1']], i);
      const found = await readPages(2, false, async ([, last]) => {
        await bench.store.remove(last!);
        await put(last!, [['f', '2']], 9);
      });
      expect(found).toEqual([
        ['d', 'c'],
        ['b', 'a'],
      ]);
    });

    /** Reads all pages; `between` is called with each page before the next one is read. */
    const readPages = async (
      pageSize: number,
      active: boolean,
      between: (page: readonly string[]) => Promise<void> = async () => {},
    ): Promise<string[][]> => {
      const found: string[][] = [];
      for await (const page of bench.store.list({ pageSize, active })) {
        expect(page.length).toBeLessThanOrEqual(pageSize);
        found.push(page);
        await between(page);
      }
      return found;
    };
  });
}
