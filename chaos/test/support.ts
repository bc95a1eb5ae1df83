import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usualMix } from '../src/faults.ts';
import { runChaos, type RunReport, type RunSettings } from '../src/run.ts';

/** Runs a small cluster, so that a short run spends little of its time starting processes. */
export async function runSmallCluster(settings: Partial<RunSettings> & Pick<RunSettings, 'seed'>): Promise<RunReport> {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-chaos-'));
  const report = await runChaos({
    folder,
    trials: 150,
    processKills: 0,
    redisKills: 0,
    mix: usualMix,
    faultEveryMs: 600,
    jobsAtOnce: 6,
    keepJobs: '60s',
    programs: 6,
    count: { api: 1, coordinator: 2, worker: 2 },
    sabotage: null,
    longestMs: 60_000,
    calmMs: 240_000,
    say: (line) => console.log(line),
    ...settings,
  });
  console.log(JSON.stringify({ folder, ...report, violations: report.violations.slice(0, 5) }, null, 1));
  return report;
}
