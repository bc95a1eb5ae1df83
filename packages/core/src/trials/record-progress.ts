import { isLaterStep } from '../domain/progress.ts';
import { addRungValue, computeRungThreshold } from '../domain/pruning.ts';
import { addReport } from '../domain/reports.ts';
import { getCurrentAttempt, type Progress, type TrialRecord } from '../domain/trial-record.ts';
import type { Draft } from '../ledger/draft.ts';
import { getDirection, isTrainingJob, type JobSpec } from '../spec/job-spec.ts';
import { countLeaders, listRungs } from '../spec/list-rungs.ts';

/**
 * Records the progress of a trial and decides by the job's pruning rule whether it goes on, once for each step. A
 * decision to prune stays; a trial that is completed all the same is complete. Reference and confirm trials are never
 * pruned (invariants 3, 7).
 */
export function recordProgress(draft: Draft, trial: TrialRecord, progress: Progress): void {
  if (!isLaterStep(trial.progress, progress)) return;
  const before = trial.progress?.step ?? 0;
  trial.progress = progress;
  keepReport(draft, trial, progress);
  if (trial.role !== 'search' || trial.pruning || draft.spec.search.pruning === 'none') return;
  const value = 'partialSum' in progress ? progress.partialSum : progress.value;
  const threshold =
    draft.spec.search.pruning === 'proven'
      ? getWorstLeader(draft)
      : recordRungValue(draft, trial, before, progress.step, value);
  if (threshold === null) return;
  const worse = getDirection(draft.spec) === 'minimize' ? value > threshold : value < threshold;
  if (worse) trial.pruning = { step: progress.step, value, threshold };
}

/** Adds the progress to what the attempt has reported, which stays when the attempt finishes. */
function keepReport(draft: Draft, trial: TrialRecord, progress: Progress): void {
  const key = { trialId: trial.id, attemptId: getCurrentAttempt(trial)!.id };
  draft.setReports(key, addReport(draft.getReports(key), progress, getDirection(draft.spec)));
}

/** Returns the worst of the values that would be confirmed; null while there are fewer. */
function getWorstLeader({ job, spec }: Draft): number | null {
  return job.leaders.length === countLeaders(spec) ? job.leaders.at(-1)! : null;
}

function recordRungValue(draft: Draft, trial: TrialRecord, before: number, step: number, value: number): number | null {
  const rung = findReachedRung(draft.spec, before, step);
  if (rung === undefined) return null;
  draft.rungs = addRungValue(draft.rungs, rung, trial.id, value);
  draft.markChanged('rungs');
  const rule = draft.spec.search.pruning === 'asha' ? 'asha' : 'median';
  return computeRungThreshold({ rule, direction: getDirection(draft.spec) }, draft.rungs, rung, trial.id);
}

/**
 * Returns the rung that a report of progress belongs to. Trainings report exactly at each rung; one that continues from
 * a checkpoint skips those it passed before. Modules and external programs report at any step: the last rung they
 * passed counts.
 */
function findReachedRung(spec: JobSpec, before: number, step: number): number | undefined {
  const last = listRungs(spec).findLast((one) => before < one && one <= step);
  return isTrainingJob(spec) && last !== step ? undefined : last;
}
