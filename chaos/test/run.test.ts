import { expect, test } from 'vitest';
import { runSmallCluster } from './support.ts';

test('a short run with every fault has no violation', async () => {
  const report = await runSmallCluster({ seed: 6, trials: 150, processKills: 6, redisKills: 2, longestMs: 90_000 });
  expect(report.violations).toEqual([]);
  expect(report.settled).toBeGreaterThan(50);
  expect(report.checks).toBeGreaterThan(1_000);
});
