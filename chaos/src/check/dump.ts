import { openSync, readFileSync, writeSync, closeSync } from 'node:fs';
import type { JobRecord, JobSpec, Ledger, TrialRecord } from '@gradsmith/core';

/** One job as the ledger has it at the end of a run. */
export interface DumpedJob {
  job: JobRecord;
  spec: JobSpec;
  trials: TrialRecord[];
  /** The index of active jobs lists it. */
  listedActive: boolean;
}

/** Writes every job of the ledger to a file, one a line, so that a run can be checked again. */
export async function dumpLedger(ledger: Ledger, file: string): Promise<void> {
  const active = new Set(await ledger.store.list({ active: true, limit: 100_000 }));
  const output = openSync(file, 'w');
  for (const id of await ledger.store.list({ limit: 100_000 })) {
    const { job, spec } = await ledger.job(id);
    const trials = await ledger.allTrials(job);
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
