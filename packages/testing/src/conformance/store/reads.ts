import { describe, expect, test } from 'vitest';
import { type StoreBench } from './bench.ts';

/** Tests that reads return what was written. */
export function testReads(bench: StoreBench): void {
  const { put, get } = bench;

  describe('read', () => {
    test('answers null for what is not there', async () => {
      expect(await get('none', 'a', 'b')).toEqual([null, null]);
    });

    test('keeps the given order, including repeated names', async () => {
      await put('j', [
        ['a', '1'],
        ['b', '2'],
      ]);
      expect(await get('j', 'b', 'x', 'a', 'b')).toEqual(['2', null, '1', '2']);
      expect(await get('j')).toEqual([]);
    });

    test('returns the time, close to that of this process and monotonic', async () => {
      const { now } = await bench.store.read('j', []);
      expect(Math.abs(now - Date.now())).toBeLessThan(5_000);
      expect(Number.isInteger(now)).toBe(true);
      expect((await bench.store.read('j', ['a'])).now).toBeGreaterThanOrEqual(now);
    });

    test('returns any text unchanged', async () => {
      const texts = ['', ' ', '0', 'null', '{"a":"ü😀"}', 'a\r\nb\t$1\\', '\u2028', '-1', 'x'.repeat(1_000_000)];
      await put(
        'j',
        texts.map((text, i) => [`f${i}`, text]),
      );
      expect(await get('j', ...texts.map((_, i) => `f${i}`))).toEqual(texts);
    });

    test('reads thousands of fields in one step', async () => {
      const fields = Array.from({ length: 12_000 }, (_, i) => `trial:${i}`);
      for (let from = 0; from < fields.length; from += 1_000) {
        await put(
          'j',
          fields.slice(from, from + 1_000).map((field) => [field, field]),
        );
      }
      expect(await get('j', ...fields)).toEqual(fields);
    });
  });
}
