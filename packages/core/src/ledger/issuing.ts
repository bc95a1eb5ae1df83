import type { Point } from '@gradsmith/bayesopt';
import { budgetLeft } from '../job/budget.ts';
import type { JobMove } from '../job/states.ts';
import type { TrialRecord, TrialRole, TrialSource } from '../trial/record.ts';
import type { Draft } from './draft.ts';
import type { Ledger } from './ledger.ts';
import { endAttempt } from './protocol.ts';
import { takeWaiting } from './queue.ts';

/**
 * The coordinator's verbs. Each is refused with `stale-fence` once another coordinator has taken the job's lease; the
 * lease record is part of the compare-and-set, so a coordinator that was asleep cannot write, however late it wakes.
 */
export interface Fenced {
  jobId: string;
  fence: number;
}

export type LeaseAnswer = { kind: 'held'; fence: number } | { kind: 'taken'; owner: string };

/** Takes or renews the lease on a job for `owner` (unique per process start). A new holder gets a higher fence. */
export async function lease(ledger: Ledger, jobId: string, owner: string, leaseMs: number): Promise<LeaseAnswer> {
  return ledger.transact(jobId, { lease: true }, (draft): LeaseAnswer => {
    const held = draft.lease;
    if (held && held.owner !== owner && held.expiresAt > draft.now) return { kind: 'taken', owner: held.owner };
    // A holder whose lease ran out keeps its fence if nobody else came: its view of the job is still the last one.
    const fence = held?.owner === owner ? held.fence : (held?.fence ?? 0) + 1;
    draft.lease = { schema: 1, owner, fence, expiresAt: draft.now + leaseMs };
    draft.touch('lease');
    return { kind: 'held', fence };
  });
}

/** Gives the lease back, so that another coordinator need not wait for its end. */
export async function surrender(ledger: Ledger, { jobId, fence }: Fenced): Promise<void> {
  await ledger.transact(jobId, { lease: true }, (draft) => {
    if (!holdsFence(draft, fence)) return;
    draft.lease = { ...draft.lease!, expiresAt: draft.now };
    draft.touch('lease');
  });
}

export interface NewTrial {
  id: string;
  role: TrialRole;
  number: number | null;
  confirms: TrialRecord['confirms'];
  point: Point;
  seed: number;
  source: TrialSource;
}

export type IssueAnswer = 'issued' | 'already' | 'stale-fence' | 'budget-spent' | 'not-next' | 'job-not-running';

/**
 * Makes a trial pending. Search trials take the next number and stop at the budget (property 3), of which the points
 * that wait in the queue keep their share.
 */
export async function issue(ledger: Ledger, fenced: Fenced, trial: NewTrial): Promise<IssueAnswer> {
  return ledger.transact(
    fenced.jobId,
    { trials: [trial.id], lease: true, queue: trial.role === 'search' },
    (draft): IssueAnswer => {
      if (!holdsFence(draft, fenced.fence)) return 'stale-fence';
      if (draft.trials.has(trial.id)) return 'already';
      if (draft.job.state !== 'running') return 'job-not-running';
      if (trial.role === 'search') {
        const enqueued = trial.source.kind === 'enqueued';
        if (budgetLeft(draft.job) <= (enqueued ? 0 : draft.queue.waiting.length)) return 'budget-spent';
        if (trial.number !== draft.job.nextNumber) return 'not-next';
        if (enqueued && !takeWaiting(draft.queue, trial.source.key, trial.id)) return 'not-next';
        if (enqueued) draft.touch('queue');
      }
      draft.add({
        ...trial,
        dispatch: 0,
        notBefore: draft.now,
        attempts: [],
        preemptions: 0,
        lease: null,
        progress: null,
        pruning: null,
        result: null,
        digest: null,
        reason: null,
        settledAt: null,
      });
      return 'issued';
    },
  );
}

/**
 * Ends the attempt of a running trial whose lease ran out, by the ledger's clock. The attempt's own late `tell` still
 * counts until another attempt begins.
 */
export async function expire(
  ledger: Ledger,
  fenced: Fenced,
  trialId: string,
): Promise<'expired' | 'alive' | 'stale-fence'> {
  return ledger.transact(fenced.jobId, { trials: (job) => [trialId, ...job.open], lease: true }, (draft) => {
    if (!holdsFence(draft, fenced.fence)) return 'stale-fence';
    const trial = draft.trials.get(trialId);
    if (trial?.state !== 'running' || !trial.lease || trial.lease.expiresAt > draft.now) return 'alive';
    endAttempt(draft, trial, 'expired', 'its worker was not heard from for a whole lease', false);
    return 'expired';
  });
}

/** Starts, completes, exhausts or fails the job on the coordinator's word. False: not legal in its state. */
export async function moveJob(
  ledger: Ledger,
  fenced: Fenced,
  move: Extract<JobMove, 'start' | 'complete' | 'exhaust' | 'fail'>,
  reason: string | null = null,
): Promise<boolean | 'stale-fence'> {
  return ledger.transact(fenced.jobId, { trials: (job) => job.open, lease: true, queue: true }, (draft) => {
    if (!holdsFence(draft, fenced.fence)) return 'stale-fence';
    // A budget that grew, or a trial that was taken back, since the coordinator looked.
    if (move === 'complete' && (budgetLeft(draft.job) > 0 || draft.job.open.length)) return false;
    if (move === 'exhaust' && (draft.job.open.length || draft.queue.waiting.length)) return false;
    return draft.moveJob(move, reason);
  });
}

function holdsFence(draft: Draft, fence: number): boolean {
  return draft.lease?.fence === fence;
}
