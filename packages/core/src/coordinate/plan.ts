import { budgetLeft } from '../job/budget.ts';
import type { JobRecord } from '../job/record.ts';
import { better, type JobSpec } from '../job/spec.ts';
import type { EnqueuedPoint } from '../ledger/queue.ts';
import type { TrialRecord } from '../trial/record.ts';

/** What a running job needs next. */
export type Step =
  | { kind: 'reference' }
  | { kind: 'search'; number: number; enqueued: EnqueuedPoint | null }
  | { kind: 'confirm'; number: number | null; seedIndex: number; id: string }
  | { kind: 'wait' }
  | { kind: 'done' };

export const REFERENCE_ID = 'reference';

export function confirmId(number: number | null, seedIndex: number): string {
  return `confirm-${number ?? REFERENCE_ID}-${seedIndex}`;
}

/**
 * Reference first, then the search, then the confirmation. `searchEnded` says that a finite space has no unseen point
 * left; `trials` are all trials of the job, `waiting` the points that clients enqueued: they go before the
 * optimizer's.
 */
export function nextStep(
  job: JobRecord,
  spec: JobSpec,
  trials: readonly TrialRecord[],
  searchEnded: boolean,
  waiting: readonly EnqueuedPoint[],
): Step {
  const hasReference = spec.objective.kind === 'training';
  if (hasReference && !job.extras.includes(REFERENCE_ID)) return { kind: 'reference' };
  const enqueued = waiting[0] ?? null;
  if (budgetLeft(job) > 0 && (enqueued || !searchEnded)) return { kind: 'search', number: job.nextNumber, enqueued };
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
  const best = ranking(trials, spec).slice(0, top);
  if (!best.length) return [];
  const candidates = [null, ...best.map(({ number }) => number)];
  return Array.from({ length: seeds }, (_, seedIndex) =>
    candidates.map((number) => ({ id: confirmId(number, seedIndex), number, seedIndex })),
  ).flat();
}

/** Complete search trials, best first; of equal ones the lower number. Diverged and pruned are never best. */
export function ranking(trials: readonly TrialRecord[], spec: JobSpec): TrialRecord[] {
  return trials
    .filter(({ role, state, result }) => role === 'search' && state === 'complete' && result)
    .sort((a, b) => {
      if (a.result!.value === b.result!.value) return a.number! - b.number!;
      return better(a.result!.value, b.result!.value, spec) ? -1 : 1;
    });
}

/** Fresh for every index and never the seed of the search itself. */
export function confirmSeed(searchSeed: number, seedIndex: number): number {
  return (searchSeed + 1 + seedIndex) % 2 ** 31;
}
