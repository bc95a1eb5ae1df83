import { getRemainingBudget } from '../domain/budget.ts';
import { makeConfirmTrialId, REFERENCE_ID } from '../domain/confirm-trials.ts';
import type { EnqueuedPoint } from '../domain/enqueued-points.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { rankTrials } from '../domain/rank-trials.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';

/** What a running job needs next. */
export type Step =
  | { kind: 'reference' }
  | { kind: 'search'; number: number; enqueued: EnqueuedPoint | null }
  | { kind: 'confirm'; number: number | null; seedIndex: number; id: string }
  | { kind: 'wait' }
  | { kind: 'done' };

/**
 * Reference first, then the search, then the confirmation. `searchEnded` says that a finite space has no unseen point
 * left; `trials` are all trials of the job, `waiting` the points that clients enqueued: they go before the
 * optimizer's.
 */
export function decideNextStep(
  job: JobRecord,
  spec: JobSpec,
  trials: readonly TrialRecord[],
  searchEnded: boolean,
  waiting: readonly EnqueuedPoint[],
): Step {
  const hasReference = spec.objective.kind === 'training';
  if (hasReference && !job.extras.includes(REFERENCE_ID)) return { kind: 'reference' };
  const enqueued = waiting[0] ?? null;
  if (getRemainingBudget(job) > 0 && (enqueued || !searchEnded))
    return { kind: 'search', number: job.nextNumber, enqueued };
  const searching = trials.some(({ role, settledAt }) => role === 'search' && settledAt === null);
  if (searching) return { kind: 'wait' };
  const confirm = hasReference ? confirmations(spec, trials).find(({ id }) => !job.extras.includes(id)) : undefined;
  if (confirm) return { kind: 'confirm', ...confirm };
  return job.open.length ? { kind: 'wait' } : { kind: 'done' };
}

/** Reference and best points, each under the same fresh seeds (property 7); seed by seed, so that pairs finish together. */
function confirmations(
  spec: JobSpec,
  trials: readonly TrialRecord[],
): { id: string; number: number | null; seedIndex: number }[] {
  const { top, seeds } = spec.confirm;
  const best = rankTrials(trials, getDirection(spec)).slice(0, top);
  if (!best.length) return [];
  const candidates = [null, ...best.map(({ number }) => number)];
  return Array.from({ length: seeds }, (_, seedIndex) =>
    candidates.map((number) => ({ id: makeConfirmTrialId(number, seedIndex), number, seedIndex })),
  ).flat();
}
