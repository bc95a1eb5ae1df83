import { openSync, readFileSync, writeSync, closeSync } from 'node:fs';
import { CorruptRecord, type JobRecord, type TrialRecord } from '@gradsmith/core/domain';
import { Ledger, listLabelFilters, type LedgerStore } from '@gradsmith/core/ledger';
import type { JobSpec } from '@gradsmith/core/spec';
import { readJobIndex, type IndexedAs } from './job-index.ts';

/** One job as the ledger has it at the end of a run. */
export interface DumpedJob {
  job: JobRecord;
  spec: JobSpec;
  trials: TrialRecord[];
  /** The index of active jobs lists it. */
  listedActive: boolean;
  /** What lists of jobs say of it; null if they do not find it. */
  index: IndexedAs | null;
}

/** Writes every job of the ledger to a file, one per line, so that a run can be checked again. */
export async function dumpLedger(store: LedgerStore, file: string): Promise<void> {
  const ledger = new Ledger(store);
  const active = new Set<string>();
  for await (const id of ledger.listJobs({ active: true })) active.add(id);
  const jobs: Omit<DumpedJob, 'index'>[] = [];
  for await (const id of ledger.listJobs()) {
    const dumped = await readDumped(ledger, id, active.has(id));
    if (dumped) jobs.push(dumped);
  }
  const labels = new Set(jobs.flatMap(({ spec }) => listLabelFilters(spec.labels)));
  const index = await readJobIndex(store, labels);
  const output = openSync(file, 'w');
  for (const dumped of jobs)
    writeSync(output, `${JSON.stringify({ ...dumped, index: index.get(dumped.job.id) ?? null })}\n`);
  closeSync(output);
}

/** Returns null for a job that cannot be read: the checks then miss it. */
async function readDumped(ledger: Ledger, id: string, listedActive: boolean): Promise<Omit<DumpedJob, 'index'> | null> {
  try {
    const { job, spec } = await ledger.readJob(id);
    return { job, spec, trials: await ledger.readAllTrials(job), listedActive };
  } catch (error) {
    if (!(error instanceof CorruptRecord)) throw error;
    console.error(error.message);
    return null;
  }
}

export function readDump(file: string): DumpedJob[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as DumpedJob);
}
