import { getRemainingBudget } from '../domain/budget.ts';
import { makeConfirmTrialId, REFERENCE_ID } from '../domain/confirm-trials.ts';
import type { EnqueuedPoint } from '../domain/enqueued-points.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { rankTrials } from '../domain/rank-trials.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';

/** A trial to create next, under the id it will have. */
export type TrialStep =
  | { kind: 'reference'; id: string }
  | { kind: 'search'; id: string; number: number; enqueued: EnqueuedPoint | null }
  | { kind: 'confirm'; id: string; number: number | null; seedIndex: number };

/** What a running job needs next: trials, in this order, or the end of others, or nothing. */
export type NextSteps = readonly TrialStep[] | 'wait' | 'done';

export interface JobProgress {
  job: JobRecord;
  spec: JobSpec;
  /** All trials of the job. */
  trials: readonly TrialRecord[];
  /** The space has no unseen point left. */
  exhausted: boolean;
  /** Enqueued points, which go before those of the optimizer. */
  enqueued: readonly EnqueuedPoint[];
}

/** Decides what a running job needs next: first the reference, then the search, then the confirmations. */
export function decideNextSteps({ job, spec, trials, exhausted, enqueued }: JobProgress): NextSteps {
  const hasReference = spec.objective.kind === 'training';
  if (hasReference && !job.extras.includes(REFERENCE_ID)) return [{ kind: 'reference', id: REFERENCE_ID }];
  const budget = Math.min(getRemainingBudget(job), spec.search.maxParallelism);
  if (budget > 0 && (enqueued.length || !exhausted)) return listSearchSteps(job, enqueued, budget);
  if (trials.some(({ role, settledAt }) => role === 'search' && settledAt === null)) return 'wait';
  const confirmation = hasReference && listConfirmations(spec, trials).find(({ id }) => !job.extras.includes(id));
  if (confirmation) return [confirmation];
  return job.open.length ? 'wait' : 'done';
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

/** Lists best points and reference under fresh seeds (invariant 7), seed by seed, so that pairs end together. */
function listConfirmations(spec: JobSpec, trials: readonly TrialRecord[]): Extract<TrialStep, { kind: 'confirm' }>[] {
  const { top, seeds } = spec.confirm;
  const best = rankTrials(trials, getDirection(spec)).slice(0, top);
  if (!best.length) return [];
  const candidates = [null, ...best.map(({ number }) => number)];
  return Array.from({ length: seeds }, (_, seedIndex) =>
    candidates.map((number) => ({
      kind: 'confirm' as const,
      id: makeConfirmTrialId(number, seedIndex),
      number,
      seedIndex,
    })),
  ).flat();
}
