import type { Suggestion } from '@gradsmith/bayesopt';
import { milliseconds } from '../duration.ts';
import { NotFound } from '../errors.ts';
import type { JobRecord } from '../job/record.ts';
import { searchInputs } from '../job/search.ts';
import type { JobSpec } from '../job/spec.ts';
import { isActive } from '../job/states.ts';
import { expire, issue, lease, moveJob, type Fenced, type IssueAnswer, type NewTrial } from '../ledger/issuing.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../ports/clock.ts';
import { toMessage, type Dispatcher } from '../ports/dispatcher.ts';
import type { Log } from '../ports/log.ts';
import type { Suggester } from '../ports/suggester.ts';
import { JOB_SPAN, noTracer, trialSpan, type Tracer } from '../ports/tracer.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import type { TrialRecord } from '../trial/record.ts';
import { observationsAt } from './observations.ts';
import { confirmSeed, nextStep, ranking, REFERENCE_ID, type Step } from './plan.ts';
import { OUTSIDE, routeFor, type Slots } from './route.ts';
import type { TrialMemory } from './trial-memory.ts';

export interface CoordinatorDeps {
  ledger: Ledger;
  dispatcher: Dispatcher;
  suggester: Suggester;
  log: Log;
  clock: Clock;
  tracer?: Tracer | undefined;
  /** Unique per process start. */
  owner: string;
  /** Lease of the coordinator on a job, ms. */
  leaseMs: number;
}

/** What the coordinator knows of its surroundings during one round over the jobs. */
export interface Round {
  workers: readonly WorkerInfo[];
  slots: Slots;
  /** False for one full lease after a start or an outage: whoever was cut off gets time to be heard again. */
  mayExpire: boolean;
  /** Kept from round to round. */
  memory: TrialMemory;
}

export type Advance = 'ended' | 'not-mine' | 'active';

/**
 * Brings one job forward as far as it goes now: takes its lease, expires dead attempts, mends the queue, issues trials
 * into free slots, finishes it. Everything it decides rests on the ledger, so it may stop or be repeated anywhere;
 * every write carries the fence.
 */
export async function advance(deps: CoordinatorDeps, jobId: string, round: Round): Promise<Advance> {
  const { ledger } = deps;
  const { job, spec, now } = await ledger.job(jobId);
  if (!isActive(job.state)) return 'ended';
  const held = await lease(ledger, jobId, deps.owner, deps.leaseMs);
  if (held.kind === 'taken') return 'not-mine';
  const fenced = { jobId, fence: held.fence };
  if (job.state === 'queued') await moveJob(ledger, fenced, 'start');
  if (
    isOverdue(job, spec, now) &&
    (await moveJob(ledger, fenced, 'fail', `not finished within its deadline of ${spec.limits.deadline}`)) === true
  )
    return 'ended';
  if (round.mayExpire) await expireDead(deps, fenced, job);
  await mendQueue(deps, jobId, spec, round);
  return underLease(deps, jobId, async () => issueMore(deps, fenced, round));
}

/** Renewals in one lease: one may be late or lost before it runs out. */
const RENEWALS_PER_LEASE = 3;

/**
 * Does the work and renews the lease meanwhile: a suggestion, or several one after the other, may take longer than it
 * lasts, and another coordinator would begin the same one again, without end. Where the lease is lost all the same (the
 * process stood still) the fence refuses what the work comes to.
 */
async function underLease<T>(deps: CoordinatorDeps, jobId: string, work: () => Promise<T>): Promise<T> {
  const { ledger, clock, log, owner, leaseMs } = deps;
  const over = new AbortController();
  const renew = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(leaseMs / RENEWALS_PER_LEASE, over.signal);
      if (over.signal.aborted) return;
      try {
        if ((await lease(ledger, jobId, owner, leaseMs)).kind === 'taken') return;
      } catch (error) {
        if (error instanceof NotFound) return;
        log.warn({ err: error, job: jobId }, 'lease not renewed');
      }
    }
  };
  const renewing = renew();
  try {
    return await work();
  } finally {
    over.abort();
    await renewing;
  }
}

/**
 * By the ledger's clock, from the job's start or from when it was set going again after it had ended; a pause does not
 * stop it, but is not ended by it either.
 */
function isOverdue({ startedAt, resumed }: JobRecord, { limits: { deadline } }: JobSpec, now: number): boolean {
  const since = resumed?.at ?? startedAt;
  return deadline !== undefined && since !== null && now - since > milliseconds(deadline);
}

async function expireDead(deps: CoordinatorDeps, fenced: Fenced, job: JobRecord): Promise<void> {
  for (const trialId of job.open) {
    if ((await expire(deps.ledger, fenced, trialId)) === 'expired') {
      deps.log.warn({ job: job.id, trial: trialId }, 'attempt expired: its worker was not heard from');
    }
  }
}

/** Offers the message of every pending trial that has none: lost, never sent, or its attempt has ended. */
async function mendQueue(deps: CoordinatorDeps, jobId: string, spec: JobSpec, round: Round): Promise<void> {
  const { job, now } = await deps.ledger.job(jobId);
  const route = job.state === 'running' ? routeFor(job, spec, round.workers) : null;
  if (route === null || route === OUTSIDE) return;
  const open = await deps.ledger.trials(jobId, job.open);
  const due = open.filter(({ state, notBefore }) => state === 'pending' && notBefore <= now);
  const messages = due.map((trial) => toMessage(jobId, trial, route));
  for (const message of await deps.dispatcher.missing(messages)) await deps.dispatcher.offer(message);
}

/** Issues trials one by one until no slot is free, the job waits, or it is done. */
async function issueMore(deps: CoordinatorDeps, fenced: Fenced, round: Round): Promise<Advance> {
  const { ledger, log } = deps;
  let exhausted = false;
  for (;;) {
    const { job, spec, waiting } = await ledger.job(fenced.jobId);
    if (job.state !== 'running') return isActive(job.state) ? 'active' : 'ended';
    const trials = await round.memory.allTrials(ledger, job);
    const step = nextStep(job, spec, trials, exhausted, waiting);
    if (step.kind === 'wait') return 'active';
    if (step.kind === 'done') {
      const moved = await moveJob(ledger, fenced, exhausted ? 'exhaust' : 'complete');
      if (moved === true) log.info({ job: job.id }, exhausted ? 'job exhausted its space' : 'job completed');
      return moved === true ? 'ended' : 'active';
    }
    const route = routeFor(job, spec, round.workers);
    if (route === null || job.open.length >= spec.search.maxParallelism) return 'active';
    if (!round.slots.take(route)) return 'active';
    const answer = await issueNext(deps, fenced, { job, spec, trials, step, route });
    if (answer === 'exhausted') {
      exhausted = true;
      // The confirmation goes on in this round and may need it: there may be no other.
      round.slots.give(route);
    } else if (answer !== 'issued') return 'active';
  }
}

interface Next {
  job: JobRecord;
  spec: JobSpec;
  trials: readonly TrialRecord[];
  step: Exclude<Step, { kind: 'wait' | 'done' }>;
  route: string;
}

/**
 * Makes the trial a step asks for, issues it and offers its message; `exhausted` where the space has no unseen point
 * left.
 */
async function issueNext(
  deps: CoordinatorDeps,
  fenced: Fenced,
  { job, spec, trials, step, route }: Next,
): Promise<IssueAnswer | 'exhausted'> {
  const { ledger, log, tracer = noTracer } = deps;
  const id = step.kind === 'reference' ? REFERENCE_ID : step.kind === 'search' ? String(step.number) : step.id;
  return tracer.span(
    'issue trial',
    { job: job.id, id: trialSpan(id), parent: JOB_SPAN },
    { 'gradsmith.trial': id },
    async () => {
      const trial = await tracer.span(
        'make trial',
        { job: job.id, parent: trialSpan(id) },
        { 'gradsmith.trial': id },
        async () => makeTrial(deps, job, spec, trials, step),
      );
      if (!trial) return 'exhausted';
      const answer = await issue(ledger, fenced, trial);
      if (answer !== 'issued') {
        log.debug({ job: job.id, trial: trial.id, answer }, 'trial not issued');
        return answer;
      }
      log.info({ job: job.id, trial: trial.id, point: trial.point, source: trial.source.kind }, 'trial issued');
      if (route !== OUTSIDE) await deps.dispatcher.offer(toMessage(job.id, { id: trial.id, dispatch: 0 }, route));
      return answer;
    },
  );
}

/** The trial a step asks for, or null where the space has no unseen point left. */
async function makeTrial(
  deps: CoordinatorDeps,
  job: JobRecord,
  spec: JobSpec,
  trials: readonly TrialRecord[],
  step: Exclude<Step, { kind: 'wait' | 'done' }>,
): Promise<NewTrial | null> {
  const { seed } = spec.objective;
  const fixed = { kind: 'fixed', seenSeq: job.seq } as const;
  if (step.kind === 'reference') {
    return { id: REFERENCE_ID, role: 'reference', number: null, confirms: null, point: {}, seed, source: fixed };
  }
  if (step.kind === 'confirm') {
    const { id, number, seedIndex } = step;
    const point = number === null ? {} : ranking(trials, spec).find((trial) => trial.number === number)!.point;
    return {
      id,
      role: 'confirm',
      number: null,
      confirms: { number, seedIndex },
      point,
      seed: confirmSeed(seed, seedIndex),
      source: fixed,
    };
  }
  const base = { id: String(step.number), role: 'search', number: step.number, confirms: null, seed } as const;
  if (step.enqueued) {
    const { key, point } = step.enqueued;
    return { ...base, point, source: { kind: 'enqueued', seenSeq: job.seq, key } };
  }
  const suggestion: Suggestion = await deps.suggester.suggest({
    ...searchInputs(spec),
    history: observationsAt(spec, trials, job.seq),
    number: step.number,
  });
  if (suggestion.kind === 'exhausted') return null;
  const { point, source: kind, model } = suggestion;
  const source = { kind, seenSeq: job.seq, ...(model ? { model } : {}), versions: deps.suggester.versions };
  return { ...base, point, source };
}
