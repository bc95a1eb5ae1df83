// Processes of two versions of the code work on one ledger while trials are created and reported: each process is
// replaced by one of the other version again and again, in both directions.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suggestPoint } from '@gradsmith/bayesopt';
import type { TrialRecord } from '@gradsmith/core/domain';
import type { Ledger } from '@gradsmith/core/ledger';
import { replayTrials } from '@gradsmith/core/trials';
import { expect, test } from 'vitest';
import { readDump } from '../src/check/dump.ts';
import { OTHER_VERSION } from '../src/cluster/other-version.ts';
import { runSmallCluster } from './support.ts';

/** The version of the optimizer that proposed each trial, in the order in which they were created. */
function listVersions(trials: readonly TrialRecord[]): string[] {
  return trials.flatMap(({ role, source }) =>
    role === 'search' && source.versions ? [source.versions.bayesopt!] : [],
  );
}

/** Returns how often one version continued what the other one had begun, by the version that continued. */
function countChanges(jobs: readonly (readonly TrialRecord[])[]): { toOther: number; toOurs: number } {
  const pairs = jobs.flatMap((trials) => {
    const versions = listVersions(trials);
    return versions.slice(1).map((version, i) => [versions[i] === OTHER_VERSION, version === OTHER_VERSION]);
  });
  return {
    toOther: pairs.filter(([before, after]) => !before && after).length,
    toOurs: pairs.filter(([before, after]) => before && !after).length,
  };
}

/** Whether each version has continued a job of the other one. */
async function hasChangedBothWays(ledger: Ledger): Promise<boolean> {
  const jobs: TrialRecord[][] = [];
  for await (const id of ledger.listJobs()) {
    const found = await ledger.findJob(id);
    if (found) jobs.push(await ledger.readAllTrials(found.job));
  }
  const { toOther, toOurs } = countChanges(jobs);
  return Math.min(toOther, toOurs) > 0;
}

test('two versions of the code work on the same jobs: exact counts, no trial lost or repeated, replayed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-roll-'));
  const report = await runSmallCluster({
    folder,
    seed: 11,
    trials: 200,
    mix: { roll: 1 },
    faultEveryMs: 1_500,
    // Which processes are replaced while which job is open depends on the pace of the machine.
    isReached: async ({ done, ledger }) => (done.roll ?? 0) >= 24 && (await hasChangedBothWays(ledger)),
    // Longer than the run, so that the ledger has every job at its end.
    keepJobs: '1h',
    longestMs: 240_000,
    count: { api: 2, coordinator: 2, worker: 2 },
  });
  expect(report.violations).toEqual([]);
  expect(report.settled).toBeGreaterThan(50);
  // A process that does not start on the records of the other version would be restarted.
  expect(report.restarted).toBe(0);
  const jobs = readDump(join(folder, 'ledger.jsonl'));
  const changes = countChanges(jobs.map(({ trials }) => trials));
  console.log({ rolls: report.done.roll, ...changes });
  expect(Math.min(changes.toOther, changes.toOurs)).toBeGreaterThan(0);
  // Each version proposed what the other one would have proposed after the same results.
  for (const { spec, trials } of jobs) {
    for (const { equal, trial } of replayTrials(spec, trials, suggestPoint, {})) {
      expect([trial, equal]).not.toEqual([trial, false]);
    }
  }
});
