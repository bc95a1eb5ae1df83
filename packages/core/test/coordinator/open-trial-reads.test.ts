import { expect, test } from 'vitest';
import { OpenTrialReads } from '../../src/coordinator/open-trial-reads.ts';

function createReads() {
  const asked: string[] = [];
  const sleepers: { until: number; wake: () => void }[] = [];
  const clock = {
    time: 0,
    monotonic: () => clock.time,
    sleep: async (ms: number) =>
      new Promise<void>((wake) => {
        sleepers.push({ until: clock.time + ms, wake });
      }),
  };
  const pass = async (ms: number): Promise<void> => {
    clock.time += ms;
    for (const { until, wake } of sleepers) if (until <= clock.time) wake();
    await Promise.resolve();
  };
  return { reads: new OpenTrialReads(clock, (jobId) => asked.push(jobId)), asked, pass };
}

test('reads the open trials of a small job in each round', () => {
  const { reads } = createReads();
  reads.note('a', 63);
  expect(reads.isDue('a')).toBe(true);
});

test('reads those of a large job after a time that grows with their number', async () => {
  const { reads, pass } = createReads();
  reads.note('a', 1_000);
  reads.note('b', 100);
  expect([reads.isDue('a'), reads.isDue('b'), reads.isDue('c')]).toEqual([false, false, true]);
  await pass(40);
  expect([reads.isDue('a'), reads.isDue('b')]).toEqual([false, true]);
  await pass(360);
  expect(reads.isDue('a')).toBe(true);
});

test('asks once for the round in which they are due, if a round did not read them', async () => {
  const { reads, asked, pass } = createReads();
  reads.note('a', 100);
  reads.noteSkipped('a');
  reads.noteSkipped('a');
  await pass(39);
  expect(asked).toEqual([]);
  await pass(1);
  expect(asked).toEqual(['a']);
});

test('forgets a job', () => {
  const { reads } = createReads();
  reads.note('a', 1_000);
  reads.delete('a');
  expect(reads.isDue('a')).toBe(true);
});
