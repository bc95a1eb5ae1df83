import type { Point } from '@gradsmith/bayesopt';
import { belongsToSearch, type BaselineName } from '../domain/baselines.ts';
import { computeConfirmedGains, computePairedGain, type ConfirmedGain, type PairedGain } from '../domain/gain.ts';
import { rankTrials } from '../domain/rank-trials.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { getBaselineBudget, listBaselines } from '../spec/baselines.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';
import { listBounds, type BoundValue } from '../spec/list-bounds.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';

/** A baseline of a job: what tuning found, and how it compares under fresh seeds. */
export interface BaselineStatus {
  name: BaselineName;
  budget: number;
  /** Settled trials that tuned it. */
  settled: number;
  /** Its best trial under the seeds of the search; null while none is complete. */
  best: { trial: string; value: number; point: Point; atBound: BoundValue[] } | null;
  /** How much better than plain backpropagation it is under fresh seeds; null without a pair. */
  gain: PairedGain | null;
  /** How much better than it each confirmed point is. */
  confirmed: ConfirmedGain[];
}

/** Describes the baselines of a job. `trials` contains at least the baseline, confirm and confirmed search trials. */
export function describeBaselines(spec: JobSpec, trials: readonly TrialRecord[]): BaselineStatus[] {
  const query = { direction: getDirection(spec), seeds: spec.confirm.seeds };
  return listBaselines(spec).map((name) => {
    const tuning = trials.filter((trial) => belongsToSearch(trial, name));
    const [best] = rankTrials(tuning, query.direction, name);
    const gain = computePairedGain(trials, query, name, null);
    return {
      name,
      budget: getBaselineBudget(spec),
      settled: tuning.filter(({ settledAt }) => settledAt !== null).length,
      best: best ? describeBest(spec, name, best) : null,
      gain: gain.gains.length ? gain : null,
      confirmed: computeConfirmedGains(trials, query, name),
    };
  });
}

function describeBest(spec: JobSpec, name: BaselineName, trial: TrialRecord): BaselineStatus['best'] {
  const { id, point, result } = trial;
  const atBound = listBounds(point, buildSearchInputs(spec, name).space);
  return { trial: id, value: result!.value, point, atBound };
}
