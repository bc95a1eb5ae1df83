import { LedgerUnavailable } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { findSharedLimits, type SharedLimit, type SlotLimit } from '../domain/slot-limits.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { chooseQueues, EXTERNAL } from '../jobs/choose-runtime.ts';
import type { JobView } from '../ledger/job-view.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { getQueue, type TrialMessage } from '../ports/dispatcher.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import { shareSlots, type Claim } from './share-slots.ts';

/** Jobs read at once. */
const READ_AT_ONCE = 100;
/** By the ledger's clock, ms: reads of a job that run at the same time return within this time. */
const SAME_TIME_MS = 2_000;

interface JobUsage {
  queues: readonly string[];
  /** Slots that the job's trials use, by queue. */
  trials: Map<string, number>;
  /** Slots that the job has reserved, by queue: jobs are advanced at the same time. */
  reserved: Map<string, number>;
  /** The job's sequence number when it was read, and when that was by the ledger's clock. */
  seq: number;
  readAt: number;
  priority: number;
  limits: readonly SharedLimit[];
}

type Claimed = Pick<SlotRequest, 'queues' | 'wanted'>;

/** What a job asks for. */
interface SlotRequest {
  jobId: string;
  /** From `chooseQueues`. */
  queues: readonly string[];
  wanted: number;
}

/**
 * The slots that each active job uses, as last seen by this coordinator, and how free ones are shared. A hint that
 * keeps it from creating trials for which there is no slot: only the ledger decides what may run.
 */
export class SlotUsage {
  readonly #limits: readonly SlotLimit[];
  readonly #jobs = new Map<string, JobUsage>();
  /** Slots that jobs wanted and did not get when they asked last. */
  readonly #claims = new Map<string, Claimed>();
  /** Queues of open trials, for jobs that have several. */
  readonly #placed = new Map<string, Map<string, string>>();

  /** `limits` are those of the service. */
  constructor(limits: readonly SlotLimit[] = []) {
    this.#limits = limits;
  }

  /**
   * Notes the trials of a job that run or may start now. Trials held up by a pause or a back-off use no slot; if the
   * open trials were not read, all count.
   */
  set(view: JobView, open: readonly TrialRecord[] | null, workers: readonly WorkerInfo[]): void {
    const { job, spec, now } = view;
    const known = this.#jobs.get(job.id);
    // Jobs are read at the same time as they are advanced: the later state counts, not the later call. If there are
    // fewer changes for longer, the ledger has lost some.
    if (known && known.seq > job.seq && Math.abs(now - known.readAt) < SAME_TIME_MS) return;
    const terms = { priority: spec.priority ?? 0, limits: findSharedLimits(this.#limits, spec.labels) };
    // Where the details were not read, priority and labels are those that the job was posted with.
    const { priority, limits } = known && view.details === undefined ? known : terms;
    const queues = chooseQueues(job, spec, workers);
    const trials = this.#countTrials(view, open, queues, workers);
    const reserved = known?.reserved ?? new Map<string, number>();
    this.#jobs.set(job.id, { queues, trials, reserved, seq: job.seq, readAt: now, priority, limits });
    // While it is advanced, its claim stays: otherwise a slot for it would go to a job that asks in between.
    if (job.state !== 'running') this.withdraw(job.id);
  }

  /** Notes that a job wants no further slots now. */
  withdraw(jobId: string): void {
    this.#claims.delete(jobId);
  }

  /** Notes that trials were created in these queues since the job was noted at `seq`; a later state counts them. */
  add({ id, seq }: JobRecord, queues: readonly string[]): void {
    const job = this.#jobs.get(id);
    if (job?.seq === seq) for (const queue of queues) increase(job.trials, queue);
  }

  /** Notes the queue that a trial's message was sent to, if its job has several. */
  place({ jobId, trialId, queue }: TrialMessage): void {
    if ((this.#jobs.get(jobId)?.queues.length ?? 0) < 2) return;
    const placed = this.#placed.get(jobId) ?? new Map<string, string>();
    placed.set(trialId, queue);
    this.#placed.set(jobId, placed);
  }

  /** Returns the queue for the message of a pending trial: where it was sent, if workers still take it from there. */
  findPlace(jobId: string, trialId: string, workers: readonly WorkerInfo[]): string | undefined {
    const queues = this.#jobs.get(jobId)?.queues ?? [];
    const placed = this.#placed.get(jobId)?.get(trialId);
    if (placed !== undefined && queues.includes(placed)) return placed;
    return queues.find((queue) => this.#countFree(queue, workers) > 0) ?? queues[0];
  }

  delete(jobId: string): void {
    this.#jobs.delete(jobId);
    this.#claims.delete(jobId);
    this.#placed.delete(jobId);
  }

  /**
   * Reserves up to `wanted` slots for the trials that a job creates next, until `release`. Returns the queue of each.
   * The job gets its share of the free slots; what it does not get, it claims until it asks again or withdraws.
   */
  reserve({ jobId, queues, wanted }: SlotRequest, workers: readonly WorkerInfo[]): string[] {
    const job = this.#jobs.get(jobId);
    if (!job) return [];
    const claim = this.#claims.get(jobId) ?? { queues, wanted };
    Object.assign(claim, { queues, wanted });
    this.#claims.set(jobId, claim);
    const slots: string[] = [];
    for (const queue of queues) {
      const free = this.#countFree(queue, workers);
      const share = free > 0 ? (shareSlots(free, this.#listClaims(queue)).get(jobId) ?? 0) : 0;
      if (!share) continue;
      for (let i = 0; i < share; i++) slots.push(queue);
      job.reserved.set(queue, share);
      claim.wanted -= share;
    }
    if (!claim.wanted) this.#claims.delete(jobId);
    return slots;
  }

  /** Returns the jobs whose claims can be met now, those with the highest priority first. */
  listServable(workers: readonly WorkerInfo[]): string[] {
    const queues = new Set([...this.#claims.values()].flatMap((claim) => claim.queues));
    const servable = new Set<string>();
    for (const queue of queues) {
      const free = this.#countFree(queue, workers);
      if (free > 0) for (const jobId of shareSlots(free, this.#listClaims(queue)).keys()) servable.add(jobId);
    }
    return [...servable];
  }

  release(jobId: string): void {
    this.#jobs.get(jobId)?.reserved.clear();
  }

  /** Reads the usage of these jobs and forgets all others. */
  async readAll(ledger: Ledger, jobIds: readonly string[], workers: readonly WorkerInfo[]): Promise<void> {
    const active = new Set(jobIds);
    for (const id of this.#jobs.keys()) if (!active.has(id)) this.delete(id);
    for (let i = 0; i < jobIds.length; i += READ_AT_ONCE) {
      await Promise.all(jobIds.slice(i, i + READ_AT_ONCE).map((id) => this.read(ledger, id, workers)));
    }
  }

  async read(ledger: Ledger, jobId: string, workers: readonly WorkerInfo[]): Promise<void> {
    try {
      const view = await ledger.findJob(jobId);
      if (view) this.set(view, await ledger.readTrials(jobId, view.job.open), workers);
      else this.delete(jobId);
    } catch (error) {
      if (error instanceof LedgerUnavailable) throw error;
      // A record that cannot be read is reported when the job is advanced.
      this.delete(jobId);
    }
  }

  #countTrials(
    { job, now }: JobView,
    open: readonly TrialRecord[] | null,
    queues: readonly string[],
    workers: readonly WorkerInfo[],
  ): Map<string, number> {
    const mayStart = job.state === 'running';
    const using = open
      ?.filter(({ state, notBefore }) => state === 'running' || (mayStart && state === 'pending' && notBefore <= now))
      .map(({ id }) => id);
    const ids = using ?? job.open;
    const placed = this.#placed.get(job.id);
    if (queues.length < 2 && !placed) return new Map(queues.map((queue) => [queue, ids.length]));
    const isOpen = new Set(job.open);
    for (const id of placed?.keys() ?? []) if (!isOpen.has(id)) placed?.delete(id);
    const executors = findExecutors(open ?? [], workers);
    const trials = new Map<string, number>();
    for (const id of ids) increase(trials, executors.get(id) ?? placed?.get(id) ?? queues[0] ?? '');
    return trials;
  }

  /** Claims of slots of a queue, as far as the limits allow them. */
  #listClaims(queue: string): Claim[] {
    const claims: Claim[] = [];
    for (const [jobId, claim] of this.#claims) {
      const job = this.#jobs.get(jobId);
      if (!job || !claim.queues.includes(queue)) continue;
      const wanted = Math.min(claim.wanted, this.#countAllowed(job));
      if (wanted > 0) claims.push({ jobId, priority: job.priority, using: countSlots(job), wanted });
    }
    return claims;
  }

  /** Returns how many more slots a job may use under its limits. */
  #countAllowed({ limits }: JobUsage): number {
    let allowed = Infinity;
    for (const { group, slots } of limits) {
      let left = slots;
      for (const job of this.#jobs.values())
        if (job.limits.some((limit) => limit.group === group)) left -= countSlots(job);
      allowed = Math.min(allowed, left);
    }
    return allowed;
  }

  /** Slots of live workers that no job uses or has reserved. Programs of external objectives are not limited. */
  #countFree(queue: string, workers: readonly WorkerInfo[]): number {
    if (queue === EXTERNAL) return Infinity;
    let free = 0;
    for (const worker of workers) if (getQueue(worker) === queue) free += worker.slots;
    if (free > 0)
      for (const { trials, reserved } of this.#jobs.values())
        free -= (trials.get(queue) ?? 0) + (reserved.get(queue) ?? 0);
    return free;
  }
}

/** Returns the queue of the live worker that executes each trial. */
function findExecutors(open: readonly TrialRecord[], workers: readonly WorkerInfo[]): Map<string, string> {
  const queues = new Map(workers.map((worker) => [worker.name, getQueue(worker)]));
  const found = open.flatMap(({ id, state, attempts }): [string, string][] => {
    const queue = state === 'running' ? queues.get(attempts.at(-1)?.worker ?? '') : undefined;
    return queue === undefined ? [] : [[id, queue]];
  });
  return new Map(found);
}

function countSlots({ trials, reserved }: JobUsage): number {
  let slots = 0;
  for (const count of trials.values()) slots += count;
  for (const count of reserved.values()) slots += count;
  return slots;
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
