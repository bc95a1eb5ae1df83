import { computeImportance, type Importance } from '@gradsmith/bayesopt';
import type { JobRecord } from '../domain/job-record.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';
import { listObservations } from './list-observations.ts';

/** Trials a model is fitted to, at most: its cost grows with their cube. */
const MAX_TRIALS = 300;

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
  return computeImportance(space, settings, listObservations(spec, trials, job.seq).slice(-MAX_TRIALS));
}
