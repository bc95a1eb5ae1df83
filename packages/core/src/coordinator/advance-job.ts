import { milliseconds } from '../domain/duration.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import { advanceJobState } from '../jobs/advance-job-state.ts';
import { chooseRuntime, EXTERNAL } from '../jobs/choose-runtime.ts';
import { acquireJobLease } from '../jobs/job-lease.ts';
import { type Fenced } from '../ledger/fence.ts';
import { createTrialMessage } from '../ports/dispatcher.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { expireTrial } from '../trials/expire-trial.ts';
import { createTrials } from './create-trials.ts';
import type { CoordinatorDeps, Round, AdvanceResult } from './deps.ts';
import { withRenewedLease } from './with-renewed-lease.ts';

/**
 * Brings one job forward as far as it goes now: takes its lease, expires dead attempts, mends the queue, issues trials
 * into free slots, finishes it. Everything it decides rests on the ledger, so it may stop or be repeated anywhere;
 * every write carries the fence.
 */
export async function advanceJob(deps: CoordinatorDeps, jobId: string, round: Round): Promise<AdvanceResult> {
  const { ledger } = deps;
  const { job, spec, now } = await ledger.readJob(jobId);
  if (!isActive(job.state)) return 'finished';
  const held = await acquireJobLease(ledger, jobId, deps.owner, deps.leaseMs);
  if (held.kind === 'taken') return 'not-mine';
  const fenced = { jobId, fence: held.fence };
  if (job.state === 'queued') await advanceJobState(ledger, fenced, 'start');
  if (
    isOverdue(job, spec, now) &&
    (await advanceJobState(ledger, fenced, 'fail', `not finished within its deadline of ${spec.limits.deadline}`)) ===
      true
  )
    return 'finished';
  if (round.mayExpire) await expireTrials(deps, fenced, job);
  await requeueMissingMessages(deps, jobId, spec, round);
  return withRenewedLease(deps, jobId, async () => createTrials(deps, fenced, round));
}

/**
 * By the ledger's clock, from the job's start or from when it was set going again after it had ended; a pause does not
 * stop it, but is not ended by it either.
 */
function isOverdue({ startedAt, resumed }: JobRecord, { limits: { deadline } }: JobSpec, now: number): boolean {
  const since = resumed?.at ?? startedAt;
  return deadline !== undefined && since !== null && now - since > milliseconds(deadline);
}

async function expireTrials(deps: CoordinatorDeps, fenced: Fenced, job: JobRecord): Promise<void> {
  for (const trialId of job.open) {
    if ((await expireTrial(deps.ledger, fenced, trialId)) === 'expired') {
      deps.log.warn({ job: job.id, trial: trialId }, 'attempt expired: its worker was not heard from');
    }
  }
}

/** Offers the message of every pending trial that has none: lost, never sent, or its attempt has ended. */
async function requeueMissingMessages(
  deps: CoordinatorDeps,
  jobId: string,
  spec: JobSpec,
  round: Round,
): Promise<void> {
  const { job, now } = await deps.ledger.readJob(jobId);
  const route = job.state === 'running' ? chooseRuntime(job, spec, round.workers) : null;
  if (route === null || route === EXTERNAL) return;
  const open = await deps.ledger.readTrials(jobId, job.open);
  const due = open.filter(({ state, notBefore }) => state === 'pending' && notBefore <= now);
  const messages = due.map((trial) => createTrialMessage(jobId, trial, route));
  for (const message of await deps.dispatcher.findMissing(messages)) await deps.dispatcher.send(message);
}
