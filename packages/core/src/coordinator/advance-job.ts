import type { TrialRecord } from '../domain/trial-record.ts';
import { advanceJobState } from '../jobs/advance-job-state.ts';
import { chooseQueues, EXTERNAL, listAbleWorkers } from '../jobs/choose-runtime.ts';
import { leadJob, type LeadAnswer } from '../jobs/job-lease.ts';
import type { Fenced } from '../ledger/fence.ts';
import { createTrialMessage, type Dispatcher, type TrialMessage } from '../ports/dispatcher.ts';
import { expireTrial, mayExpire } from '../trials/expire-trial.ts';
import { createTrials } from './create-trials.ts';
import type { AdvanceResult, CoordinatorDeps, Knowledge } from './deps.ts';
import { forgetJob } from './forget-job.ts';
import { withRenewedLease } from './with-renewed-lease.ts';

/** A job that this coordinator leads, and its open trials. */
type Led = Extract<LeadAnswer, { kind: 'held' }> & { open: TrialRecord[] };

/**
 * Advances one job as far as possible now: acquires its lease, expires attempts whose worker is gone, requeues missing
 * messages, creates trials for free slots, and finishes the job. Every decision rests on the ledger and every write
 * carries the fence, so it may stop anywhere and be repeated.
 */
export async function advanceJob(deps: CoordinatorDeps, jobId: string, known: Knowledge): Promise<AdvanceResult> {
  const { ledger } = deps;
  const readsOpen = known.openReads.isDue(jobId);
  const led = await leadJob(ledger, jobId, { ...deps, readsOpen });
  if (led.kind === 'finished') {
    forgetJob(known, jobId);
    return 'finished';
  }
  if (led.kind === 'taken') {
    await known.usage.read(ledger, jobId, known.workers);
    known.usage.withdraw(jobId);
    return 'not-mine';
  }
  reportLostChanges(deps, led, known);
  const fenced = { jobId, fence: led.fence };
  if (!led.open) {
    known.openReads.noteSkipped(jobId);
    return withRenewedLease(deps, jobId, () => createTrials(deps, fenced, known, led));
  }
  known.openReads.note(jobId, led.open.length);
  const read = { ...led, open: led.open };
  const expired = await expireTrials(deps, fenced, read, known);
  const current = expired ? await readAgain(deps, read) : read;
  if (await failWithoutData(deps, fenced, current, known)) return 'finished';
  await requeueMissingMessages(deps, current, known);
  return withRenewedLease(deps, jobId, () => createTrials(deps, fenced, known, current));
}

/** Reports changes that the ledger had and has not any more, and forgets what rested on them. */
function reportLostChanges(
  { log, onLostChanges }: CoordinatorDeps,
  { view }: Pick<Led, 'view'>,
  known: Knowledge,
): void {
  const { id, seq } = view.job;
  const lost = known.seen.note(view.job);
  if (!lost) return;
  log.error(
    { job: id, lost, seq },
    'ACKNOWLEDGED CHANGES WERE LOST: the ledger went back, as after a failover or a restored back-up',
  );
  onLostChanges?.(lost);
  // Messages, too: they were in the same Redis.
  forgetJob(known, id);
}

/** Expires the attempts whose lease ran out. Returns their number. */
async function expireTrials(
  deps: CoordinatorDeps,
  fenced: Fenced,
  { view, open }: Led,
  known: Knowledge,
): Promise<number> {
  let expired = 0;
  for (const trial of open) {
    if (!known.mayExpire) break;
    const { id } = trial;
    if (!mayExpire(view.spec, trial, view.now)) continue;
    if ((await expireTrial(deps.ledger, fenced, id)) !== 'expired') continue;
    expired += 1;
    deps.log.warn(
      { job: view.job.id, trial: id },
      'attempt expired: no heartbeat for a whole lease, or past its time limit',
    );
  }
  return expired;
}

/** Fails the job if no live worker that may execute its trials has its data. Returns whether it did. */
async function failWithoutData(
  { ledger, log }: CoordinatorDeps,
  fenced: Fenced,
  { view, open }: Led,
  { workers }: Knowledge,
): Promise<boolean> {
  const { id, state } = view.job;
  if (state !== 'running' || open.some((trial) => trial.state === 'running')) return false;
  const reasons = listAbleWorkers(view.job, view.spec, workers).map(
    ({ lacks = [] }) => lacks.find(({ job }) => job === id)?.reason,
  );
  if (!reasons.length || reasons.includes(undefined)) return false;
  const reason = `no live worker has its data. ${reasons[0]}`;
  log.warn({ job: id, reason }, 'job failed: no worker has its data');
  return (await advanceJobState(ledger, fenced, 'fail', reason)) === true;
}

async function readAgain({ ledger }: CoordinatorDeps, led: Led): Promise<Led> {
  const view = await ledger.readJob(led.view.job.id);
  return { ...led, view, open: await ledger.readTrials(view.job.id, view.job.open) };
}

/**
 * Sends the message of every pending trial that has none: it was lost or never sent, or the trial's attempt is
 * finished. Does not look for those that were sent or found a moment ago.
 */
async function requeueMissingMessages(
  deps: CoordinatorDeps,
  read: Led,
  { workers, sent, usage }: Knowledge,
): Promise<void> {
  const { job, spec, now } = read.view;
  const queues = job.state === 'running' ? chooseQueues(job, spec, workers) : [];
  const [first] = queues;
  if (first === undefined || first === EXTERNAL) return;
  usage.set(read.view, read.open, workers);
  const pending = read.open.filter(({ state, notBefore }) => state === 'pending' && notBefore <= now);
  const due = sent.takeDue(
    job.id,
    pending.map((trial) => createTrialMessage(job.id, trial, usage.findPlace(job.id, trial.id, workers) ?? first)),
  );
  if (!due.length) return;
  const missing = await findMissing(deps.dispatcher, due, queues);
  for (const message of missing) usage.place(message);
  await Promise.all(missing.map(async (message) => deps.dispatcher.send(message)));
  for (const message of due) sent.note(message);
}

/** Returns the messages that are in none of the queues. */
async function findMissing(
  dispatcher: Dispatcher,
  messages: readonly TrialMessage[],
  queues: readonly string[],
): Promise<TrialMessage[]> {
  let missing = [...messages];
  for (const queue of queues) {
    const absent = await dispatcher.findMissing(missing.map((message) => ({ ...message, queue })));
    const ids = new Set(absent.map(({ id }) => id));
    missing = missing.filter(({ id }) => ids.has(id));
  }
  return missing;
}
