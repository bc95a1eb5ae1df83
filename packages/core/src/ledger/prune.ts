import { leadersOf, rungsOf, rungThreshold, withValue } from '../job/pruning.ts';
import { directionOf, isTraining, type JobSpec } from '../job/spec.ts';
import type { Progress, TrialRecord } from '../trial/record.ts';
import type { Draft } from './draft.ts';

/**
 * Takes down how far the trial is and decides whether it goes on, by the job's pruning policy. Once decided, the answer
 * stays; a trial that completes nevertheless is complete. Reference and confirmation are never pruned (properties 3,
 * 7).
 */
export function noteProgress(draft: Draft, trial: TrialRecord, progress: Progress): void {
  const before = trial.progress?.step ?? 0;
  trial.progress = progress;
  if (trial.role !== 'search' || trial.pruning || draft.spec.search.pruning === 'none') return;
  const value = 'partialSum' in progress ? progress.partialSum : progress.value;
  const threshold =
    draft.spec.search.pruning === 'proven'
      ? leastToBeat(draft)
      : thresholdAtRung(draft, trial, before, progress.step, value);
  if (threshold === null) return;
  const worse = directionOf(draft.spec) === 'minimize' ? value > threshold : value < threshold;
  if (worse) trial.pruning = { step: progress.step, value, threshold };
}

/** The worst of the values that would be confirmed, or null while there are fewer. */
function leastToBeat({ job, spec }: Draft): number | null {
  return job.leaders.length === leadersOf(spec) ? job.leaders.at(-1)! : null;
}

function thresholdAtRung(draft: Draft, trial: TrialRecord, before: number, step: number, value: number): number | null {
  const rung = rungReached(draft.spec, before, step);
  if (rung === undefined) return null;
  draft.rungs = withValue(draft.rungs, rung, trial.id, value);
  draft.touch('rungs');
  return rungThreshold(draft.spec, draft.rungs, rung, trial.id);
}

/**
 * The rung a report of progress belongs to. Trainings tell every rung exactly, and one that goes on from a checkpoint
 * first speaks far beyond those it has passed. Others report at steps of their own: the last rung on the way counts, as
 * at the earlier ones they were not seen.
 */
function rungReached(spec: JobSpec, before: number, step: number): number | undefined {
  const last = rungsOf(spec).findLast((one) => before < one && one <= step);
  return isTraining(spec) && last !== step ? undefined : last;
}
