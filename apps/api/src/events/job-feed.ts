import { toJobSummary, toTrialResource } from '@gradsmith/contract';
import { type JobRecord, type TrialRecord } from '@gradsmith/core/domain';
import { summarizeJob } from '@gradsmith/core/jobs';
import { type JobView, type Ledger } from '@gradsmith/core/ledger';

/** One server-sent event. `id` is where a client goes on after it. */
export interface FeedEvent {
  id: string;
  event: 'job' | 'trial' | 'deleted' | 'reset';
  data: object;
}

/** Changes that a client may have missed and still be told one by one; beyond, it is told to read the lists anew. */
const MAX_BEHIND = 5_000;
const CHUNK = 500;

/**
 * What happened to a job, derived from its records whenever somebody asks: each trial's history says at which of the
 * job's changes it moved (its data are those it has now, also where an earlier move is told). Nothing is stored or
 * buffered for the reader, who may go on from any sequence number.
 */
export class JobFeed {
  readonly #ledger: Ledger;
  readonly #jobId: string;
  #seq: number | null;
  /** The job as it was at `#seq`; null: not seen yet, so all trials have to be looked through. */
  #seen: JobRecord | null = null;
  #over = false;

  /** `after` is the sequence number the reader has seen last; null: only what happens from now on. */
  constructor(ledger: Ledger, jobId: string, after: number | null) {
    this.#ledger = ledger;
    this.#jobId = jobId;
    this.#seq = after;
  }

  /** True once the job is gone. */
  get over(): boolean {
    return this.#over;
  }

  /** What has happened since the last call, in order, and where the job stands then. */
  async next(): Promise<FeedEvent[]> {
    const view = await this.#ledger.findJob(this.#jobId);
    if (!view) {
      this.#over = true;
      return [{ id: String(this.#seq ?? 0), event: 'deleted', data: { job: this.#jobId } }];
    }
    const { job } = view;
    // The job was deleted and made again under its key.
    if (this.#seq !== null && this.#seq > job.seq) this.#seq = this.#seen = null;
    const since = this.#seq;
    const first = this.#seen === null;
    if (since === job.seq && !first) return [];
    const events = since === null ? [] : job.seq - since > MAX_BEHIND ? [reset(job)] : await this.#moves(job, since);
    this.#seq = job.seq;
    this.#seen = job;
    return [...events, jobEvent(view)];
  }

  async #moves(job: JobRecord, since: number): Promise<FeedEvent[]> {
    const events: { seq: number; event: FeedEvent }[] = [];
    const ids = this.#touched(job);
    for (let from = 0; from < ids.length; from += CHUNK) {
      for (const trial of await this.#ledger.readTrials(job.id, ids.slice(from, from + CHUNK)))
        events.push(...movesOf(trial, since, job));
    }
    return events.sort((a, b) => a.seq - b.seq).map(({ event }) => event);
  }

  /** Trials that can have moved since the job was seen last: those open then or now, and the new ones. */
  #touched(job: JobRecord): string[] {
    const seen = this.#seen;
    // A trial that was taken back may be any.
    if (!seen || seen.invalidated !== job.invalidated) return [...numbers(0, job.nextNumber), ...job.extras];
    return [
      ...new Set([
        ...seen.open,
        ...job.open,
        ...numbers(seen.nextNumber, job.nextNumber),
        ...job.extras.slice(seen.extras.length),
      ]),
    ];
  }
}

function movesOf(trial: TrialRecord, since: number, job: JobRecord): { seq: number; event: FeedEvent }[] {
  return trial.history
    .filter(([seq]) => seq > since && seq <= job.seq)
    .map(([seq, move]) => ({
      seq,
      event: { id: String(seq), event: 'trial', data: { job: job.id, seq, move, trial: toTrialResource(trial) } },
    }));
}

function jobEvent({ job, spec }: JobView): FeedEvent {
  return { id: String(job.seq), event: 'job', data: { ...toJobSummary(summarizeJob(job, spec)), seq: job.seq } };
}

function reset(job: JobRecord): FeedEvent {
  return { id: String(job.seq), event: 'reset', data: { job: job.id, seq: job.seq } };
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => String(from + i));
}
