import { computeImportance, type Importance } from '@gradsmith/bayesopt';
import type { JobRecord } from '../domain/job-record.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';
import { listObservations } from './list-observations.ts';

/** Trials a model is fitted to, at most: its cost grows with their cube. */
export const MAX_MODEL_TRIALS = 300;

/** Reads the trials that `measureImportance` uses: the last ones that were not cancelled, by number. */
export async function readImportanceTrials(ledger: Ledger, job: JobRecord): Promise<TrialRecord[]> {
  let trials: TrialRecord[] = [];
  for (let end = job.nextNumber; end > 0 && trials.length < MAX_MODEL_TRIALS; end -= MAX_MODEL_TRIALS) {
    const from = Math.max(0, end - MAX_MODEL_TRIALS);
    const ids = Array.from({ length: end - from }, (_, i) => String(from + i));
    const read = await ledger.readTrials(job.id, ids);
    trials = [...read.filter(({ state }) => state !== 'cancelled'), ...trials];
  }
  return trials;
}

/**
 * How much of the variation of the value each free parameter accounts for, in falling order (see bayesopt's
 * `importance`). From the last trials where there are very many. Takes up to seconds: not for an event loop that others
 * wait for.
 */
export function measureImportance(
  spec: JobSpec,
  job: Pick<JobRecord, 'seq'>,
  trials: readonly TrialRecord[],
): Importance[] {
  const { space, settings } = buildSearchInputs(spec);
  return computeImportance(space, settings, listObservations(spec, trials, job.seq).slice(-MAX_MODEL_TRIALS));
}
