import { describeModel, type ModelDescription } from '@gradsmith/bayesopt';
import type { JobRecord } from '../domain/job-record.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';
import { listObservations } from './list-observations.ts';
import { MAX_MODEL_TRIALS } from './measure-importance.ts';

/**
 * Fits the model to the last trials of a job and describes it around the best of them (see bayesopt's `describeModel`).
 * Takes up to seconds: not for an event loop that others wait for.
 */
export function measureModel(
  spec: JobSpec,
  job: Pick<JobRecord, 'seq'>,
  trials: readonly TrialRecord[],
  pair: readonly [x: string, y: string] | null = null,
): ModelDescription {
  const { space, settings } = buildSearchInputs(spec);
  return describeModel(space, settings, listObservations(spec, trials, job.seq).slice(-MAX_MODEL_TRIALS), pair);
}
