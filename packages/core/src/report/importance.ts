import { importance, type Importance } from '@gradsmith/bayesopt';
import { observationsAt } from '../coordinate/observations.ts';
import type { JobRecord } from '../job/record.ts';
import { searchInputs } from '../job/search.ts';
import type { JobSpec } from '../job/spec.ts';
import type { TrialRecord } from '../trial/record.ts';

/** Trials a model is fitted to, at most: its cost grows with their cube. */
const MAX_TRIALS = 300;

/**
 * How much of the variation of the value each free parameter accounts for, in falling order (see bayesopt's
 * `importance`). From the last trials where there are very many. Takes up to seconds: not for an event loop that others
 * wait for.
 */
export function parameterImportance(
  spec: JobSpec,
  job: Pick<JobRecord, 'seq'>,
  trials: readonly TrialRecord[],
): Importance[] {
  const { space, settings } = searchInputs(spec);
  return importance(space, settings, observationsAt(spec, trials, job.seq).slice(-MAX_TRIALS));
}
