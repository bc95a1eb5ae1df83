import { canonicalJson } from '../canonical-json.ts';
import { Conflict, InvalidInput, NotFound } from '../errors.ts';
import { budgetLeft } from '../job/budget.ts';
import { withoutTrial } from '../job/pruning.ts';
import type { JobRecord } from '../job/record.ts';
import type { JobSpec } from '../job/spec.ts';
import { jobMoves, nextJobState, type JobMove } from '../job/states.ts';
import { trialStates, type TrialState } from '../trial/states.ts';
import { encodeRecord, fields } from './fields.ts';
import type { Ledger } from './ledger.ts';
import { limitFailures } from './protocol.ts';
import type { QueueRecord } from './queue.ts';

/**
 * Records a job, once: the same id with the same specification answers with what is there (`created: false`), with
 * another specification it is a Conflict. `spec` must have passed `parseJob`; `queue` holds points to try first.
 */
export async function createJob(
  ledger: Ledger,
  jobId: string,
  spec: JobSpec,
  queue?: QueueRecord,
): Promise<{ job: JobRecord; created: boolean }> {
  const text = JSON.stringify(spec);
  const { now } = await ledger.store.read(jobId, []);
  const job: JobRecord = {
    schema: 1,
    id: jobId,
    state: 'queued',
    reason: null,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    seq: 0,
    budget: spec.search.trials,
    nextNumber: 0,
    invalidated: 0,
    rewritten: 0,
    counts: Object.fromEntries(trialStates.map((state) => [state, 0])) as Record<TrialState, number>,
    open: [],
    extras: [],
    best: null,
    leaders: [],
    reference: null,
    runtime: null,
    lastError: null,
  };
  const created = await ledger.store.commit(jobId, {
    expected: [[fields.job, null]],
    writes: [
      [fields.spec, text],
      [fields.job, encodeRecord(job)],
      ...(queue?.waiting.length ? [[fields.queue, encodeRecord(queue)] as const] : []),
    ],
    index: { createdAt: now, active: true },
  });
  if (created) return { job, created };
  const present = await ledger.job(jobId);
  if (canonicalJson(present.spec) !== canonicalJson(spec)) {
    throw new Conflict(`job ${jobId} exists with another specification; choose another Idempotency-Key or name`);
  }
  return { job: present.job, created };
}

/**
 * Cancel, pause or resume on a client's word. Repeating a move that was already made is no error. A job that has had
 * more failures than it may while it was paused is failed when it is resumed.
 */
export async function steerJob(
  ledger: Ledger,
  jobId: string,
  move: Extract<JobMove, 'cancel' | 'pause' | 'resume'>,
  reason: string | null = null,
): Promise<JobRecord> {
  return ledger.transact(jobId, { trials: (job) => job.open }, (draft) => {
    if (draft.job.state !== jobMoves[move].to && !draft.moveJob(move, reason)) {
      throw new Conflict(
        `job ${jobId} is ${draft.job.state}; ${move} is possible only while it is ${jobMoves[move].from.join(' or ')}`,
      );
    }
    if (move === 'resume') limitFailures(draft);
    return draft.job;
  });
}

/**
 * Raises the budget to `trials` numbers in all; a completed or exhausted job runs again. To the budget there is, it
 * does so where a number is left: one that came back after the end, or those an exhausted space did not need.
 */
export async function extendJob(ledger: Ledger, jobId: string, trials: number): Promise<JobRecord> {
  return ledger.transact(jobId, {}, (draft) => {
    const { job } = draft;
    const reopens = nextJobState(job.state, 'extend') !== undefined && budgetLeft(job) > 0;
    if (trials === job.budget && !reopens) return job;
    if (trials < job.budget) {
      throw new InvalidInput(
        [{ path: ['trials'], message: `the budget is ${job.budget} and can only grow` }],
        'the extension',
      );
    }
    if (job.state === 'failed' || job.state === 'cancelled')
      throw new Conflict(`job ${jobId} is ${job.state} and cannot be extended`);
    job.budget = trials;
    if (!draft.moveJob('extend')) job.seq += 1;
    draft.touch('job');
    return job;
  });
}

/**
 * Takes back a completed trial: it leaves model, best and what others are held against when they are pruned. The budget
 * gets one number more; a job that has ended uses it once it is extended, be it to the same budget. Repeated, it
 * changes nothing.
 */
export async function invalidateTrial(ledger: Ledger, jobId: string, trialId: string, reason: string): Promise<void> {
  const searchTrials = (job: JobRecord): string[] => Array.from({ length: job.nextNumber }, (_, n) => String(n));
  await ledger.transact(jobId, { trials: searchTrials, rungs: true }, (draft) => {
    const trial = draft.trials.get(trialId);
    if (!trial || trial.role !== 'search') throw new NotFound(`search trial ${trialId} of job ${jobId}`);
    if (trial.history.at(-1)![1] === 'invalidate') return;
    if (!draft.move(trial, 'invalidate', reason))
      throw new Conflict(`trial ${trialId} is ${trial.state}; only a complete one can be invalidated`);
    draft.job.invalidated += 1;
    draft.recomputeBest();
    draft.rungs = withoutTrial(draft.rungs, trialId);
    draft.touch('rungs');
  });
}

/** Removes the job and everything recorded of it. Late tells of its trials find no job and are dropped. */
export async function deleteJob(ledger: Ledger, jobId: string): Promise<void> {
  await ledger.job(jobId);
  await ledger.store.remove(jobId);
}
