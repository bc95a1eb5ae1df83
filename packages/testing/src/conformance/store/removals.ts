import { describe, expect, test } from 'vitest';
import { listIds } from '../../list-ids.ts';
import { listAt, type StoreBench } from './bench.ts';

/** Tests that jobs are removed whole. */
export function testRemovals(bench: StoreBench): void {
  const { put, get } = bench;

  describe('remove', () => {
    test('takes the job from everywhere, and no other', async () => {
      await put('j', [['a', '1']]);
      await put('k', [['a', '1']]);
      await bench.store.remove('j');
      expect(await get('j', 'a')).toEqual([null]);
      expect(await listIds(bench.store)).toEqual(['k']);
      expect(await listIds(bench.store, { active: true })).toEqual(['k']);
    });

    test('is no error for a job that is not there', async () => {
      await bench.store.remove('none');
      await put('j', [['a', '1']]);
      await bench.store.remove('j');
      await bench.store.remove('j');
    });

    test('is not undone by a change of the job that was on its way', async () => {
      await put('j', [['a', '1']]);
      await bench.store.remove('j');
      expect(await bench.store.commit('j', { expected: [['lease', null]], writes: [['lease', 'x']] })).toBe(false);
      expect(await get('j', 'lease')).toEqual([null]);
    });

    test('with an expectation, happens only while the job is as expected', async () => {
      await put('j', [['a', '2']]);
      expect(await bench.store.remove('j', ['a', '1'])).toBe(false);
      expect(await bench.store.remove('j', ['b', '2'])).toBe(false);
      expect(await get('j', 'a')).toEqual(['2']);
      expect(await bench.store.remove('j', ['a', '2'])).toBe(true);
      expect(await get('j', 'a')).toEqual([null]);
      expect(await listIds(bench.store)).toEqual([]);
      expect(await bench.store.remove('j', ['a', '2'])).toBe(false);
    });

    test('leaves the id free for a new job', async () => {
      await put('j', [['a', '1']], 1);
      await bench.store.remove('j');
      expect(await bench.store.commit('j', { expected: [['a', null]], writes: [['a', '2']], index: listAt(5) })).toBe(
        true,
      );
      expect(await listIds(bench.store)).toEqual(['j']);
    });
  });
}
