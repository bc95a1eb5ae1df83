import { openSync, readFileSync, writeSync, closeSync } from 'node:fs';
import type { JobRecord, TrialRecord } from '@gradsmith/core/domain';
import type { Ledger } from '@gradsmith/core/ledger';
import type { JobSpec } from '@gradsmith/core/spec';

/** One job as the ledger has it at the end of a run. */
export interface DumpedJob {
  job: JobRecord;
  spec: JobSpec;
  trials: TrialRecord[];
  /** The index of active jobs lists it. */
  listedActive: boolean;
}

/** Writes every job of the ledger to a file, one per line, so that a run can be checked again. */
export async function dumpLedger(ledger: Ledger, file: string): Promise<void> {
  const active = new Set<string>();
  for await (const id of ledger.listJobs({ active: true })) active.add(id);
  const output = openSync(file, 'w');
  for await (const id of ledger.listJobs()) {
    const { job, spec } = await ledger.readJob(id);
    const trials = await ledger.readAllTrials(job);
    writeSync(output, `${JSON.stringify({ job, spec, trials, listedActive: active.has(id) } satisfies DumpedJob)}\n`);
  }
  closeSync(output);
}

export function readDump(file: string): DumpedJob[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as DumpedJob);
}
