import { describe, expect, test } from 'vitest';
import { makeConfirmTrialId } from '../../src/domain/confirm-trials.ts';
import { computeConfirmedGains, computeMeanInterval, type TrialRecord } from '../../src/domain/index.ts';
import { studentT975 } from '../../src/domain/student-t.ts';

const search = { direction: 'minimize', seeds: 5 } as const;

type Settled = [state: TrialRecord['state'], value: number | null];

/**
 * The trials from which gains are computed. `found` are search trials by number, `again` their confirmations, and the
 * reference's, seed by seed.
 */
function trials(found: Record<number, Settled>, again: Record<number | 'reference', Settled[]>): TrialRecord[] {
  const record = (id: string, [state, value]: Settled, fields: Partial<TrialRecord>) =>
    ({
      id,
      state,
      result: value === null ? null : { outcome: 'complete', value, metrics: {}, provenance: {} },
      confirms: null,
      ...fields,
    }) as TrialRecord;
  const confirmations = Object.entries(again).flatMap(([name, seeds]) =>
    seeds.map((settled, seedIndex) => {
      const number = name === 'reference' ? null : Number(name);
      return record(makeConfirmTrialId(number, seedIndex), settled, {
        role: 'confirm',
        number,
        confirms: { number, seedIndex },
      });
    }),
  );
  return [
    ...Object.entries(found).map(([number, settled]) =>
      record(number, settled, { role: 'search', number: Number(number) }),
    ),
    ...confirmations,
  ];
}

describe('interval of a mean', () => {
  test('equals a worked example', () => {
    // Values 4, 6, 8: mean 6, s = 2, t(.975, 2) = 4.303, half = 4.303·2/√3 = 4.9687.
    const { mean, interval } = computeMeanInterval([4, 6, 8]);
    expect(mean).toBe(6);
    expect(interval![0]).toBeCloseTo(6 - 4.9687, 3);
    expect(interval![1]).toBeCloseTo(6 + 4.9687, 3);
  });

  test('is null for one value', () => {
    expect(computeMeanInterval([1]).interval).toBeNull();
  });

  test('uses quantiles that meet where table and expansion join, and the normal one in the limit', () => {
    // Published tables of Student's t, two-sided 95 %.
    const known = { 1: 12.7062, 4: 2.7764, 30: 2.0423, 31: 2.0395, 60: 2.0003, 99: 1.9842, 1e6: 1.96 };
    for (const [degrees, quantile] of Object.entries(known))
      expect(studentT975(Number(degrees))).toBeCloseTo(quantile, 3);
  });
});

describe('confirmed gains', () => {
  const reference: Settled[] = [
    ['complete', 1],
    ['complete', 1],
    ['complete', 1],
  ];

  test('count a diverged training at its capped value, because omitting it would be too optimistic', () => {
    const [gain] = computeConfirmedGains(
      trials(
        { 4: ['complete', 0.5] },
        {
          reference,
          4: [
            ['complete', 0.5],
            ['diverged', 3],
            ['failed', null],
          ],
        },
      ),
      search,
    );
    expect(gain!.gains).toEqual([
      { seedIndex: 0, gain: 0.5 },
      { seedIndex: 1, gain: -2 },
    ]);
    expect(gain!.mean).toBe(-0.75);
    const [against] = computeConfirmedGains(
      trials(
        { 4: ['complete', 0.5] },
        {
          reference: [
            ['diverged', 3],
            ['complete', 1],
          ],
          4: [
            ['complete', 1],
            ['complete', 1],
          ],
        },
      ),
      search,
    );
    expect(against!.gains).toEqual([
      { seedIndex: 0, gain: 2 },
      { seedIndex: 1, gain: 0 },
    ]);
  });

  test('are in the order of the search, without an invalidated point', () => {
    const again = { reference, 2: reference, 4: reference, 5: reference };
    const found: Record<number, Settled> = { 2: ['complete', 0.7], 4: ['cancelled', 0.1], 5: ['complete', 0.5] };
    expect(computeConfirmedGains(trials(found, again), search).map(({ number }) => number)).toEqual([5, 2]);
  });
});

test('leaves out a pair whose trials ran under different seeds', () => {
  const settled: Settled[] = [
    ['complete', 1],
    ['complete', 1],
  ];
  const records = trials({ 3: ['complete', 0.5] }, { reference: settled, 3: settled.map(([state]) => [state, 0.5]) });
  const seeded = records.map((trial) =>
    trial.confirms ? { ...trial, seed: trial.id === makeConfirmTrialId(3, 1) ? 99 : trial.confirms.seedIndex } : trial,
  );
  const [gain] = computeConfirmedGains(seeded, search);
  expect(gain!.gains).toEqual([{ seedIndex: 0, gain: 0.5 }]);
});
