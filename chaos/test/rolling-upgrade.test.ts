// Processes of two versions of the code work on one ledger while trials are created and reported: each process is
// replaced by one of the other version again and again, in both directions.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suggestPoint } from '@gradsmith/bayesopt';
import { replayTrials } from '@gradsmith/core/trials';
import { expect, test } from 'vitest';
import { readDump, type DumpedJob } from '../src/check/dump.ts';
import { OTHER_VERSION } from '../src/cluster/other-version.ts';
import { runSmallCluster } from './support.ts';

/** The version of the optimizer that proposed each trial, in the order in which they were created. */
function listVersions({ trials }: DumpedJob): string[] {
  return trials.flatMap(({ role, source }) =>
    role === 'search' && source.versions ? [source.versions.bayesopt!] : [],
  );
}

/** Returns how often one version continued what the other one had begun, by the version that continued. */
function countChanges(jobs: readonly DumpedJob[]): { toOther: number; toOurs: number } {
  const pairs = jobs.flatMap((job) => {
    const versions = listVersions(job);
    return versions.slice(1).map((version, i) => [versions[i] === OTHER_VERSION, version === OTHER_VERSION]);
  });
  return {
    toOther: pairs.filter(([before, after]) => !before && after).length,
    toOurs: pairs.filter(([before, after]) => before && !after).length,
  };
}

test('two versions of the code work on the same jobs: exact counts, no trial lost or repeated, replayed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-roll-'));
  const report = await runSmallCluster({
    folder,
    seed: 11,
    trials: 200,
    mix: { roll: 1 },
    faultEveryMs: 1_500,
    // So often that coordinators are replaced in both directions.
    isReached: ({ done }) => (done.roll ?? 0) >= 24,
    longestMs: 240_000,
    count: { api: 2, coordinator: 2, worker: 2 },
  });
  expect(report.violations).toEqual([]);
  expect(report.settled).toBeGreaterThan(50);
  // A process that does not start on the records of the other version would be restarted.
  expect(report.restarted).toBe(0);
  const jobs = readDump(join(folder, 'ledger.jsonl'));
  const changes = countChanges(jobs);
  console.log({ rolls: report.done.roll, ...changes });
  expect(Math.min(changes.toOther, changes.toOurs)).toBeGreaterThan(0);
  // Each version proposed what the other one would have proposed after the same results.
  for (const { spec, trials } of jobs) {
    for (const { equal, trial } of replayTrials(spec, trials, suggestPoint, {})) {
      expect([trial, equal]).not.toEqual([trial, false]);
    }
  }
});
