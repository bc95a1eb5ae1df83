import { expect, test } from 'vitest';
import { describeComparison, type ComparedResult } from '../../src/index.ts';

const loss = { name: 'AULC', direction: 'minimize' as const };
const create = (name: string, best: number | null, confirmed?: [mean: number, low: number, high: number]) => {
  const gain = confirmed ? { mean: confirmed[0], interval: [confirmed[1], confirmed[2]] as const } : null;
  return { name, best, reference: 0.15, confirmed: gain } satisfies ComparedResult;
};

test('says which job has the best value, whatever the direction', () => {
  const jobs = [create('a', 0.2), create('b', 0.1), create('c', 0.3), create('d', null)].map((job) => ({
    ...job,
    reference: null,
  }));
  expect(describeComparison(loss, jobs)).toEqual(['b has the best AULC: 0.1000. a is next with 0.2000.']);
  expect(describeComparison({ name: 'accuracy', direction: 'maximize' }, jobs)).toEqual([
    'c has the best accuracy: 0.3000. a is next with 0.2000.',
  ]);
  expect(describeComparison(loss, [jobs[0]!, { ...jobs[0]!, name: 'e' }])).toEqual([
    'a and e have the same best AULC: 0.2000.',
  ]);
  expect(describeComparison(loss, jobs.slice(3))).toEqual([]);
});

test('calls gains different only if their intervals do not overlap', () => {
  const wide = [create('a', 0.2, [0.003, -0.008, 0.013]), create('b', 0.1, [0.0091, 0.0019, 0.0163])];
  expect(describeComparison(loss, wide)[1]).toBe(
    'On fresh seeds, b gains most: +0.0091 [0.0019, 0.0163], a +0.003 [−0.008, 0.013]: ' +
      'the 95 % intervals overlap, so the order may be chance. ' +
      'That of a contains zero, so no gain is confirmed there.',
  );
  const narrow = [create('a', 0.2, [0.003, 0.002, 0.004]), create('b', 0.1, [0.009, 0.008, 0.01])];
  expect(describeComparison(loss, narrow)[1]).toMatch(/^On fresh seeds, b gains most: .* do not overlap\.$/);
});

test('says which gain may be none at all', () => {
  const jobs = [create('a', 0.2, [0.049, 0.034, 0.063]), create('b', 0.1, [0.046, -0.007, 0.099])];
  const [, gains] = describeComparison(loss, [{ ...jobs[0]!, reference: 0.4 }, jobs[1]!]);
  expect(gains).toBe(
    'On fresh seeds, a gains most: +0.049 [0.034, 0.063], b +0.046 [−0.007, 0.099]: ' +
      'the 95 % intervals overlap, so the order may be chance. ' +
      'That of b contains zero, so no gain is confirmed there. ' +
      'The references differ, so each gain is over another training: compare the values, too.',
  );
});

test('compares no gains over different references, and none that are not confirmed', () => {
  const jobs = [create('a', 0.2, [0.003, 0.002, 0.004]), create('b', 0.1, [0.009, 0.008, 0.01])];
  expect(describeComparison(loss, [{ ...jobs[0]!, reference: 0.4 }, jobs[1]!])[1]).toContain('The references differ');
  expect(describeComparison(loss, [create('a', 0.2), jobs[1]!])[1]).toContain('Fewer than two jobs');
});

test('says which reference diverged', () => {
  const jobs = [create('a', 0.2, [1.87, 1.82, 1.92]), create('b', 0.1, [0.0091, 0.0019, 0.0163])];
  const divergence = { value: 2.071, diverged: 3, seeds: 3 };
  const diverged = { name: "the job's own settings", divergence };
  expect(describeComparison(loss, [{ ...jobs[0]!, reference: null, diverged }, jobs[1]!]).at(-1)).toBe(
    "The reference of a (the job's own settings) diverged in the search and under 3 of 3 fresh seeds, so the " +
      'confirmed gain measures the value that diverged trainings get, and not how much better the point is.',
  );
});
