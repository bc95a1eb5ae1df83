// `pnpm test:chaos`: see `--help`.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { checkRun, type Verdict } from './src/check/check-run.ts';
import { usualMix } from './src/faults.ts';
import { readOptions, type Options } from './src/options.ts';
import { runChaos } from './src/run.ts';

const start = performance.now();
const say = (line: string): void =>
  console.log(`${String(Math.round((performance.now() - start) / 1000)).padStart(5)} s  ${line}`);

function parseCommandLine(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
}

function exitWithReport({ violations, ...report }: Verdict): never {
  console.log(JSON.stringify(report, null, 2));
  for (const { rule, where, detail } of violations.slice(0, 40))
    console.log(`VIOLATION  ${rule}\n           ${where}: ${detail}`);
  console.log(`${violations.length} violations`);
  process.exit(violations.length ? 1 : 0);
}

const { recheck, folder: given, ...goals } = parseCommandLine();
if (recheck !== null) exitWithReport(checkRun(recheck, { queued: 0 }));

const folder = given ?? mkdtempSync(join(tmpdir(), 'gradsmith-chaos-'));
say(`seed ${goals.seed}; the files of this run are in ${folder}`);
const report = await runChaos({
  ...goals,
  folder,
  say,
  mix: usualMix,
  calmMs: 240_000,
  jobsAtOnce: 8,
  keepJobs: '60s',
  programs: 6,
  count: { api: 2, coordinator: 2, worker: 3 },
});
writeFileSync(join(folder, 'report.json'), JSON.stringify({ ...goals, ...report }, null, 2));
const { trials, processKills, redisKills } = goals;
if (report.settled < trials || report.killed < processKills || report.redisKilled < redisKills)
  say('the time limit was reached before the goals');
exitWithReport(report);
