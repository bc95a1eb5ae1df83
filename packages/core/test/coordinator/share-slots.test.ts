import { describe, expect, test } from 'vitest';
import { shareSlots, type Claim } from '../../src/coordinator/share-slots.ts';

const claim = (jobId: string, changes: Partial<Claim> = {}): Claim => ({
  jobId,
  priority: 0,
  using: 0,
  wanted: 4,
  ...changes,
});

/** The definition, one slot after the other. */
function shareOneByOne(free: number, claims: readonly Claim[]): Map<string, number> {
  const shares = new Map<string, number>();
  for (let slot = 0; slot < free; slot++) {
    const open = claims.filter(({ jobId, wanted }) => (shares.get(jobId) ?? 0) < wanted);
    const has = ({ jobId, using }: Claim): number => using + (shares.get(jobId) ?? 0);
    const [first] = open.toSorted((a, b) => b.priority - a.priority || has(a) - has(b));
    if (first) shares.set(first.jobId, (shares.get(first.jobId) ?? 0) + 1);
  }
  return shares;
}

describe('free slots', () => {
  test('go to the highest priority first, and what it does not want to the next one', () => {
    expect([...shareSlots(6, [claim('low'), claim('high', { priority: 5 })])]).toEqual([
      ['high', 4],
      ['low', 2],
    ]);
    expect([...shareSlots(3, [claim('low'), claim('high', { priority: 5 })])]).toEqual([['high', 3]]);
  });

  test('make the numbers of slots of jobs with one priority equal', () => {
    expect(shareSlots(3, [claim('a', { using: 5, wanted: 9 }), claim('b', { using: 2, wanted: 9 })])).toEqual(
      new Map([['b', 3]]),
    );
    expect(shareSlots(5, [claim('a', { using: 5, wanted: 9 }), claim('b', { using: 2, wanted: 9 })])).toEqual(
      new Map([
        ['a', 1],
        ['b', 4],
      ]),
    );
  });

  test('without a limit go to jobs of every priority', () => {
    expect([...shareSlots(Infinity, [claim('low'), claim('high', { priority: 1, wanted: 2 })])]).toEqual([
      ['high', 2],
      ['low', 4],
    ]);
  });

  test('go to nobody if nobody wants them, and all of them if somebody does', () => {
    expect(shareSlots(4, [])).toEqual(new Map());
    expect(shareSlots(Infinity, [claim('a', { wanted: 7 })])).toEqual(new Map([['a', 7]]));
  });

  test('are shared as if one after the other went to the job with the fewest', () => {
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let i = 0; i < 300; i++) {
      const claims = Array.from({ length: random(6) }, (_, job) =>
        claim(String(job), { priority: random(3), using: random(8), wanted: 1 + random(9) }),
      );
      const free = random(20);
      const sorted = (shares: Map<string, number>): [string, number][] => [...shares].toSorted();
      expect(sorted(shareSlots(free, claims)), JSON.stringify({ free, claims })).toEqual(
        sorted(shareOneByOne(free, claims)),
      );
    }
  });
});
