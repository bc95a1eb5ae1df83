import { isBetter } from '../domain/direction.ts';
import { predictFinal } from '../domain/predict-final.ts';
import { isLaterStep, type Progress } from '../domain/progress.ts';
import { addRungValue, computeRungThreshold, type Pruning } from '../domain/pruning.ts';
import { addReport, type ReportsRecord } from '../domain/reports.ts';
import { getCurrentAttempt, type TrialRecord } from '../domain/trial-record.ts';
import type { Draft } from '../ledger/draft.ts';
import { getDirection, isTrainingJob, type JobSpec } from '../spec/job-spec.ts';
import { countLeaders, listRungs } from '../spec/list-rungs.ts';
import { getPruningRule } from '../spec/pruning-rules.ts';
import { computeTrialPenalty } from '../spec/search-inputs.ts';

/** What a pruning rule compares: a value at a step after an earlier one. */
interface Reported {
  /** Step of the report before this one; 0 for the first. */
  before: number;
  step: number;
  value: number;
}

/**
 * Records the progress of a trial and decides by the job's pruning rule whether it goes on, once for each step. A
 * decision to prune stays; a trial that is completed all the same is complete. Reference and confirm trials are never
 * pruned (invariants 3, 7).
 *
 * @param passed progress before it that the attempt has not reported, in order; it is only kept
 */
export function recordProgress(
  draft: Draft,
  trial: TrialRecord,
  progress: Progress,
  passed: readonly Progress[] = [],
): void {
  if (!isLaterStep(trial.progress, progress)) return;
  const before = trial.progress?.step ?? 0;
  trial.progress = progress;
  const unreported = passed.filter(({ step }) => before < step && step < progress.step);
  const reports = keepReports(draft, trial, [...unreported, progress]);
  const value = getComparedValue(draft.spec, progress);
  if (trial.role !== 'search' || trial.pruning || value === undefined) return;
  const reported = { before, step: progress.step, value };
  trial.pruning = decidePruning(draft, trial, reports, reported);
}

/** Adds progress to what the attempt has reported, which stays when the attempt finishes. */
function keepReports(draft: Draft, trial: TrialRecord, added: readonly Progress[]): ReportsRecord {
  const key = { trialId: trial.id, attemptId: getCurrentAttempt(trial)!.id };
  const direction = getDirection(draft.spec);
  let reports = draft.getReports(key);
  for (const progress of added) reports = addReport(reports, progress, direction);
  draft.setReports(key, reports!);
  return reports!;
}

/** Returns the number that rules compare; undefined if a training did not measure its metric at this step. */
function getComparedValue({ objective }: JobSpec, progress: Progress): number | undefined {
  const isAulc = objective.kind === 'training' && objective.metric === 'aulc';
  return isAulc && 'partialSum' in progress ? progress.partialSum : progress.value;
}

/** Returns what the trial is pruned for by the job's rule, or null if it goes on. */
function decidePruning(draft: Draft, trial: TrialRecord, reports: ReportsRecord, reported: Reported): Pruning | null {
  switch (getPruningRule(draft.spec)) {
    case 'none':
      return null;
    case 'patience':
      return pruneAbove(reported, findPatienceThreshold(draft, reports, reported));
    case 'proven':
      return pruneIfWorse(draft, reported, getWorstLeader(draft));
    case 'predicted':
      return pruneIfWorse(draft, predictValue(draft, trial, reported), getWorstLeader(draft));
    default:
      return pruneIfWorse(draft, reported, recordRungValue(draft, trial, reported));
  }
}

type Compared = Pick<Reported, 'step' | 'value'>;

function pruneIfWorse({ spec }: Draft, compared: Compared | null, threshold: number | null): Pruning | null {
  if (!compared || threshold === null || !isBetter(threshold, compared.value, getDirection(spec))) return null;
  return pruneAbove(compared, threshold);
}

function pruneAbove({ step, value }: Compared, threshold: number | null): Pruning | null {
  return threshold === null ? null : { step, value, threshold };
}

/** Returns the trial's best value if it is old and worse than the best trials: they stay, also without progress. */
function findPatienceThreshold(draft: Draft, { best }: ReportsRecord, { step }: Reported): number | null {
  const { pruning } = draft.spec.search;
  const leader = getWorstLeader(draft);
  if (typeof pruning === 'string' || !best || leader === null || step - best.step < pruning.steps) return null;
  return isBetter(leader, best.value, getDirection(draft.spec)) ? best.value : null;
}

/** Returns the worst of the values that would be confirmed; null while there are fewer. */
function getWorstLeader({ job, spec }: Draft): number | null {
  return job.leaders.length === countLeaders(spec) ? job.leaders.at(-1)! : null;
}

/** Records the trial's value at the rung that it reached. Returns the rung; undefined if it reached none. */
function addToRung(draft: Draft, trial: TrialRecord, { before, step, value }: Reported): number | undefined {
  const rung = findReachedRung(draft.spec, before, step);
  if (rung === undefined) return undefined;
  draft.rungs = addRungValue(draft.rungs, rung, trial.id, value);
  draft.markChanged('rungs');
  return rung;
}

/**
 * Returns the best final value, with its penalty, that the trial may still have; null if it reached no rung, or nothing
 * is known.
 */
function predictValue(draft: Draft, trial: TrialRecord, reported: Reported): Compared | null {
  const { spec } = draft;
  const rung = addToRung(draft, trial, reported);
  if (rung === undefined) return null;
  const rungs = listRungs(spec).filter((one) => one <= rung);
  const isArea = isTrainingJob(spec) && spec.objective.metric === 'aulc';
  const query = { trial: trial.id, rungs, isArea, direction: getDirection(spec) };
  const value = predictFinal(draft.rungs, query);
  return value === null ? null : { step: reported.step, value: value + computeTrialPenalty(spec, trial) };
}

function recordRungValue(draft: Draft, trial: TrialRecord, reported: Reported): number | null {
  const rung = addToRung(draft, trial, reported);
  if (rung === undefined) return null;
  const rule = getPruningRule(draft.spec) === 'asha' ? 'asha' : 'median';
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
