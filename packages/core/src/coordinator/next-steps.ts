import { belongsToSearch, makeBaselineTrialId, type BaselineName } from '../domain/baselines.ts';
import { getRemainingBudget } from '../domain/budget.ts';
import { makeConfirmTrialId, REFERENCE_ID } from '../domain/confirm-trials.ts';
import type { EnqueuedPoint } from '../domain/enqueued-points.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { rankTrials } from '../domain/rank-trials.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { getBaselineBudget, listBaselines } from '../spec/baselines.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';

/** A trial to create next, under the id it will have. */
export type TrialStep =
  | { kind: 'reference'; id: string }
  | { kind: 'search'; id: string; number: number; enqueued: EnqueuedPoint | null }
  | { kind: 'baseline'; id: string; number: number; baseline: BaselineName }
  | { kind: 'confirm'; id: string; number: number | null; baseline: BaselineName | null; seedIndex: number };

/** What a running job needs next: trials, in this order, or the end of others, or nothing. */
export type NextSteps = readonly TrialStep[] | 'wait' | 'done';

export interface JobProgress {
  job: JobRecord;
  spec: JobSpec;
  /** Reads all trials of the job. The search needs none of them. */
  readTrials(): Promise<readonly TrialRecord[]>;
  /** The space has no unseen point left. */
  exhausted: boolean;
  /** Enqueued points, which go before those of the optimizer. */
  enqueued: readonly EnqueuedPoint[];
}

/** Decides what a running job needs next: the reference, the search, the baselines, then the confirmations. */
export async function decideNextSteps(progress: JobProgress): Promise<NextSteps> {
  const { job, spec, exhausted, enqueued } = progress;
  const hasReference = spec.objective.kind === 'training';
  if (hasReference && !job.extras.includes(REFERENCE_ID)) return [{ kind: 'reference', id: REFERENCE_ID }];
  const budget = Math.min(getRemainingBudget(job), spec.search.maxParallelism);
  if (budget > 0 && (enqueued.length || !exhausted)) return listSearchSteps(job, enqueued, budget);
  if (job.counts.pending + job.counts.running > 0) return 'wait';
  const trials = await progress.readTrials();
  const best = hasReference ? rankTrials(trials, getDirection(spec)).slice(0, spec.confirm.top) : [];
  const steps = best.length ? listComparisons(job, spec, trials, best) : [];
  if (steps === 'wait' || steps.length) return steps;
  return job.open.length ? 'wait' : 'done';
}

/** Lists the trials that tune the baselines; once these are settled, the next confirmation. */
function listComparisons(
  job: JobRecord,
  spec: JobSpec,
  trials: readonly TrialRecord[],
  best: readonly TrialRecord[],
): TrialStep[] | 'wait' {
  const tuning = listBaselineSteps(spec, trials);
  if (tuning.length) return tuning;
  if (trials.some(({ role, settledAt }) => role === 'baseline' && settledAt === null)) return 'wait';
  const confirmation = listConfirmations(spec, trials, best).find(({ id }) => !job.extras.includes(id));
  return confirmation ? [confirmation] : [];
}

/** Lists trials of the first baseline with remaining budget, as many as may run at once. */
function listBaselineSteps(spec: JobSpec, trials: readonly TrialRecord[]): TrialStep[] {
  for (const baseline of listBaselines(spec)) {
    const next = trials.filter((trial) => belongsToSearch(trial, baseline)).length;
    const count = Math.min(getBaselineBudget(spec) - next, spec.search.maxParallelism);
    if (count > 0)
      return Array.from({ length: count }, (_, i) => ({
        kind: 'baseline',
        id: makeBaselineTrialId(baseline, next + i),
        number: next + i,
        baseline,
      }));
  }
  return [];
}

/** Lists the enqueued points, which go before suggestions, or as many suggestions as may run at once. */
function listSearchSteps({ nextNumber }: JobRecord, enqueued: readonly EnqueuedPoint[], budget: number): TrialStep[] {
  const points = enqueued.length ? enqueued.slice(0, budget) : Array.from({ length: budget }, () => null);
  return points.map((point, i) => ({
    kind: 'search',
    id: String(nextNumber + i),
    number: nextNumber + i,
    enqueued: point,
  }));
}

/** Lists best points, baselines and reference under fresh seeds (invariant 7), seed by seed: pairs finish together. */
function listConfirmations(
  spec: JobSpec,
  trials: readonly TrialRecord[],
  best: readonly TrialRecord[],
): Extract<TrialStep, { kind: 'confirm' }>[] {
  const baselines = listBaselines(spec).flatMap((baseline) => {
    const [tuned] = rankTrials(trials, getDirection(spec), baseline);
    return tuned ? [{ candidate: baseline, baseline, number: tuned.number }] : [];
  });
  const points = best.map(({ number }) => ({ candidate: number, baseline: null, number }));
  const candidates = [{ candidate: null, baseline: null, number: null }, ...points, ...baselines];
  return Array.from({ length: spec.confirm.seeds }, (_, seedIndex) =>
    candidates.map(({ candidate, baseline, number }) => ({
      kind: 'confirm' as const,
      id: makeConfirmTrialId(candidate, seedIndex),
      number,
      baseline,
      seedIndex,
    })),
  ).flat();
}
