import type { LedgerStore } from '@gradsmith/core/ledger';
import { describe, expect, test } from 'vitest';
import { listIds } from '../../list-ids.ts';
import { listAt, type StoreBench } from './bench.ts';

/** Tests that commits compare and set in one step. */
export function testCommits(bench: StoreBench): void {
  const { put, get } = bench;

  describe('commit', () => {
    test('writes every field while all expectations hold', async () => {
      await put('j', [['a', '1']]);
      const change = {
        expected: [
          ['a', '1'],
          ['b', null],
        ],
        writes: [
          ['a', '2'],
          ['b', '3'],
        ],
      } as const;
      expect(await bench.store.commit('j', change)).toBe(true);
      expect(await get('j', 'a', 'b')).toEqual(['2', '3']);
    });

    test.each([4_000, 200_000])('writes %i fields in one step, as of an imported job', async (count) => {
      const writes = Array.from({ length: count }, (_, i): [string, string] => [`trial:${i}`, String(i)]);
      expect(await put('j', writes)).toBe(true);
      expect(
        (
          await bench.store.read(
            'j',
            writes.map(([field]) => field),
          )
        ).values,
      ).toEqual(writes.map(([, text]) => text));
      expect(await listIds(bench.store)).toEqual(['j']);
    });

    test.each([
      ['another text', [['a', '2']]],
      ['a missing field', [['b', '1']]],
      ['a field that should not be there', [['a', null]]],
      [
        'only the last of several',
        [
          ['a', '1'],
          ['b', null],
          ['c', '9'],
        ],
      ],
      ['a text that is a prefix', [['a', '']]],
    ] as [string, [string, string | null][]][])('writes nothing when it meets %s', async (_, expected) => {
      await put('j', [['a', '1']]);
      expect(
        await bench.store.commit('j', {
          expected,
          writes: [
            ['a', 'new'],
            ['z', 'new'],
          ],
          index: listAt(9, false),
        }),
      ).toBe(false);
      expect(await get('j', 'a', 'z')).toEqual(['1', null]);
      expect(await listIds(bench.store, { active: true })).toEqual(['j']);
    });

    test('answers false when the same change comes again', async () => {
      const change = { expected: [['a', null]], writes: [['a', '1']], index: listAt(1) } as const;
      expect(await bench.store.commit('j', change)).toBe(true);
      expect(await bench.store.commit('j', change)).toBe(false);
    });

    test('returns the current fields and the time with a refusal, and null with a commit', async () => {
      await put('j', [
        ['a', '1'],
        ['b', '2'],
      ]);
      const change = { expected: [['a', '0']], writes: [['a', '3']] } as const;
      const before = (await bench.store.read('j', [])).now;
      const refusal = await bench.store.commitOrRead('j', change, ['b', 'none', 'a']);
      expect(refusal?.values).toEqual(['2', null, '1']);
      expect(refusal?.now).toBeGreaterThanOrEqual(before);
      expect(await bench.store.commitOrRead('j', change, [])).toEqual({ now: expect.any(Number), values: [] });
      expect(await bench.store.commitOrRead('j', { ...change, expected: [['a', '1']] }, ['a'])).toBeNull();
      expect(await get('j', 'a', 'b')).toEqual(['3', '2']);
    });

    test('returns no field of a removed job', async () => {
      const change = { expected: [], writes: [['a', '3']] } as const;
      expect((await bench.store.commitOrRead('none', change, ['a']))?.values).toEqual([null]);
    });

    test('keeps jobs apart', async () => {
      await put('j', [['a', '1']]);
      await put('k', [['a', '2']]);
      expect([await get('j', 'a'), await get('k', 'a')]).toEqual([['1'], ['2']]);
    });

    test('lets exactly one of many through, on several connections', async () => {
      await put('j', [['n', '0']]);
      const stores = await Promise.all(Array.from({ length: 4 }, () => bench.backing.open()));
      const answers = await Promise.all(
        Array.from({ length: 32 }, (_, i) =>
          stores[i % 4]!.commit('j', { expected: [['n', '0']], writes: [['n', String(i + 1)]] }),
        ),
      );
      const winners = answers.flatMap((won, i) => (won ? [String(i + 1)] : []));
      expect(await get('j', 'n')).toEqual(winners);
      await Promise.all(stores.map((one) => one.close()));
    });

    test('counts right when several connections increment by reading and committing', async () => {
      await put('j', [['n', '0']]);
      const stores = await Promise.all(Array.from({ length: 4 }, () => bench.backing.open()));
      const increment = async (one: LedgerStore): Promise<void> => {
        for (;;) {
          const { values } = await one.read('j', ['n']);
          if (await one.commit('j', { expected: [['n', values[0]!]], writes: [['n', String(Number(values[0]) + 1)]] }))
            return;
        }
      };
      await Promise.all(
        stores.map(async (one) => {
          for (let i = 0; i < 25; i++) await increment(one);
        }),
      );
      expect(await get('j', 'n')).toEqual(['100']);
      await Promise.all(stores.map((one) => one.close()));
    });

    test('never shows half of a change to a reader', async () => {
      await put('j', [
        ['a', '0'],
        ['b', '0'],
      ]);
      const other = await bench.backing.open();
      const writing = new AbortController();
      const torn: unknown[] = [];
      const reader = (async () => {
        while (!writing.signal.aborted) {
          const { values } = await other.read('j', ['a', 'b']);
          if (values[0] !== values[1]) torn.push(values);
        }
      })();
      for (let i = 1; i <= 200; i++)
        await put('j', [
          ['a', String(i)],
          ['b', String(i)],
        ]);
      writing.abort();
      await reader;
      expect(torn).toEqual([]);
      await other.close();
    });

    test('is seen by every connection once it is acknowledged', async () => {
      const other = await bench.backing.open();
      for (let i = 0; i < 20; i++) {
        await put('j', [['a', String(i)]]);
        expect((await other.read('j', ['a'])).values).toEqual([String(i)]);
      }
      await other.close();
    });
  });
}
