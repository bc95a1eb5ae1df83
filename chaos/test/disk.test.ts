// Disks that are full, broken or slow: nothing that was acknowledged is lost, and work continues when they work again.
import { expect, test } from 'vitest';
import { countRefusedCheckpoints } from '../src/check/check-run.ts';
import { runSmallCluster } from './support.ts';

test('Redis whose log cannot be written or synced, or only slowly: no acknowledged change is lost', async () => {
  const report = await runSmallCluster({
    seed: 17,
    trials: 150,
    mix: { redisDiskFails: 3, redisDiskSlow: 2, redisReconfigure: 1 },
    faultEveryMs: 1_500,
    // The faults must reach the disk.
    isReached: ({ diskExits }) => diskExits > 0,
    longestMs: 90_000,
  });
  expect(report.violations).toEqual([]);
  expect(report.settled).toBeGreaterThan(50);
  expect(report.diskExits).toBeGreaterThan(0);
});

test('checkpoints that cannot be written or read, or are damaged: every value is true, no training fails', async () => {
  const report = await runSmallCluster({
    seed: 18,
    trials: 300,
    mix: { checkpointDiskFails: 3, checkpointDamage: 3, trainerKill: 2, kill: 1 },
    isReached: ({ folder }) => countRefusedCheckpoints(folder) > 0,
    longestMs: 90_000,
  });
  expect(report.violations).toEqual([]);
  expect(report.continued).toBeGreaterThan(0);
  expect(report.refusedCheckpoints).toBeGreaterThan(0);
});
