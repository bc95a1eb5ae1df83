import { expect, test } from 'vitest';
import type { TrialResult } from '../../src/domain/index.ts';
import type { TrainingRequest } from '../../src/ports/index.ts';
import { WorkMeter } from '../../src/worker/work-meter.ts';

/** A meter with a clock of the test, and a trainer that reports each step after its time. */
function createMeter() {
  let now = 0;
  const meter = new WorkMeter(() => now);
  const train = async (
    job: string,
    reports: readonly (readonly [ms: number, step: number])[],
    outcome = 'complete',
    objective = {},
  ) => {
    const trainer = meter.watch({
      train: async (_, hooks) => {
        for (const [ms, step] of reports) {
          now += ms;
          hooks.onProgress({ step, value: 0 });
        }
        return { outcome } as TrialResult;
      },
      close: async () => {},
    });
    const seen: number[] = [];
    const request = { key: `${job}/0`, objective, timeoutMs: 1 } as unknown as TrainingRequest;
    await trainer.train(request, { signal: new AbortController().signal, onProgress: ({ step }) => seen.push(step) });
    return seen;
  };
  return { meter, train, wait: (ms: number) => (now += ms) };
}

test('measures steps from the first report on, and hands all reports on', async () => {
  const { meter, train } = createMeter();
  expect(
    await train('a', [
      [900, 500],
      [30, 510],
      [10, 510],
      [60, 530],
    ]),
  ).toEqual([500, 510, 510, 530]);
  expect(meter.read()).toEqual({
    windowMs: 1_000,
    trials: 1,
    jobs: [{ job: 'a', trials: 1, trialMs: 1_000, steps: 30, stepMs: 100 }],
  });
});

test('counts a step of several seeds as one of each, so that it compares with confirm trials', async () => {
  const { meter, train } = createMeter();
  const reports = [
    [10, 1],
    [90, 11],
  ] as const;
  await train('a', reports, 'complete', { kind: 'training', seedsPerTrial: 3 });
  expect(meter.read().jobs).toMatchObject([{ trials: 1, steps: 30, stepMs: 90 }]);
});

test('counts pruned trainings as finished, and means of complete ones only', async () => {
  const { meter, train } = createMeter();
  await train('a', [[100, 1]], 'pruned');
  await train('a', [[300, 1]]);
  expect(meter.read()).toMatchObject({ trials: 2, jobs: [{ trials: 1, trialMs: 300 }] });
});

test('forgets what is older than ten minutes', async () => {
  const { meter, train, wait } = createMeter();
  await train('a', [[100, 1]]);
  wait(610_000);
  await train('b', [[200, 1]]);
  expect(meter.read()).toMatchObject({ windowMs: 600_000, trials: 1, jobs: [{ job: 'b' }] });
});

test('lists the eight jobs that were trained last, the latest first', async () => {
  const { meter, train } = createMeter();
  for (let i = 0; i < 10; i++) await train(`job-${i}`, [[60_000 - 100 * i, 1]]);
  await train('job-3', [[10, 1]]);
  expect(meter.read().trials).toBe(11);
  expect(meter.read().jobs.map(({ job }) => job)).toEqual([3, 9, 8, 7, 6, 5, 4, 2].map((i) => `job-${i}`));
});

test('lists the job that was trained last first, also among jobs of the same seconds', async () => {
  const { meter, train } = createMeter();
  const report = [[100, 1]] as const;
  for (const job of ['a', 'b', 'a']) await train(job, report);
  expect(meter.read().jobs.map(({ job, trials }) => [job, trials])).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});
