import { toJobSummary, toTrialResource } from '@gradsmith/contract';
import { type JobRecord, type TrialRecord } from '@gradsmith/core/domain';
import { summarizeJob } from '@gradsmith/core/jobs';
import { type JobView, type Ledger } from '@gradsmith/core/ledger';

/** One server-sent event. A client resumes after its `id`. */
export interface FeedEvent {
  id: string;
  event: 'job' | 'trial' | 'deleted' | 'reset';
  data: object;
}

/** Missed changes that are sent one by one. If there are more, a `reset` is sent; the client reads the lists again. */
const MAX_BEHIND = 5_000;
const CHUNK = 500;

/**
 * The changes of a job, derived from its records on demand: each trial's history names the changes of the job at which
 * it moved. An event of an earlier move carries the present data of its trial. Nothing is stored or buffered for a
 * reader, who may resume from any sequence number.
 */
export class JobFeed {
  readonly #ledger: Ledger;
  readonly #jobId: string;
  #seq: number | null;
  /** The job as it was at `#seq`. Null: not read yet, so every trial is read. */
  #seen: JobRecord | null = null;
  #isDeleted = false;

  /** @param after the last sequence number that the reader has seen; null: only changes from now on */
  constructor(ledger: Ledger, jobId: string, after: number | null) {
    this.#ledger = ledger;
    this.#jobId = jobId;
    this.#seq = after;
  }

  /** True once the job is deleted. */
  get isDeleted(): boolean {
    return this.#isDeleted;
  }

  /** Returns the changes since the last call, in order, then the state of the job. */
  async next(): Promise<FeedEvent[]> {
    const view = await this.#ledger.findJob(this.#jobId);
    if (!view) {
      this.#isDeleted = true;
      return [{ id: String(this.#seq ?? 0), event: 'deleted', data: { job: this.#jobId } }];
    }
    const { job } = view;
    // The job was deleted and created again under its key.
    if (this.#seq !== null && this.#seq > job.seq) this.#seq = this.#seen = null;
    const since = this.#seq;
    const first = this.#seen === null;
    if (since === job.seq && !first) return [];
    const events = since === null ? [] : await this.#listMissed(job, since);
    this.#seq = job.seq;
    this.#seen = job;
    return [...events, createJobEvent(view)];
  }

  async #listMissed(job: JobRecord, since: number): Promise<FeedEvent[]> {
    return job.seq - since > MAX_BEHIND ? [createReset(job)] : this.#listMoves(job, since);
  }

  async #listMoves(job: JobRecord, since: number): Promise<FeedEvent[]> {
    const events: { seq: number; event: FeedEvent }[] = [];
    const ids = this.#listMovedTrials(job);
    for (let from = 0; from < ids.length; from += CHUNK) {
      for (const trial of await this.#ledger.readTrials(job.id, ids.slice(from, from + CHUNK)))
        events.push(...listTrialEvents(trial, since, job));
    }
    return events.sort((a, b) => a.seq - b.seq).map(({ event }) => event);
  }

  /** Returns the trials that can have moved since the last call: those open then or now, and the new ones. */
  #listMovedTrials(job: JobRecord): string[] {
    const seen = this.#seen;
    // An invalidated trial may be any.
    if (!seen || seen.invalidated !== job.invalidated) return [...listNumbers(0, job.nextNumber), ...job.extras];
    return [
      ...new Set([
        ...seen.open,
        ...job.open,
        ...listNumbers(seen.nextNumber, job.nextNumber),
        ...job.extras.slice(seen.extras.length),
      ]),
    ];
  }
}

function listTrialEvents(trial: TrialRecord, since: number, job: JobRecord): { seq: number; event: FeedEvent }[] {
  return trial.history
    .filter(([seq]) => seq > since && seq <= job.seq)
    .map(([seq, move]) => ({
      seq,
      event: { id: String(seq), event: 'trial', data: { job: job.id, seq, move, trial: toTrialResource(trial) } },
    }));
}

function createJobEvent({ job, spec }: JobView): FeedEvent {
  return { id: String(job.seq), event: 'job', data: { ...toJobSummary(summarizeJob(job, spec)), seq: job.seq } };
}

function createReset(job: JobRecord): FeedEvent {
  return { id: String(job.seq), event: 'reset', data: { job: job.id, seq: job.seq } };
}

function listNumbers(from: number, to: number): string[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => String(from + i));
}
