import { toTrialResource } from '@gradsmith/contract';
import { listTrialIds, type JobRecord, type TrialRecord } from '@gradsmith/core/domain';
import { type Ledger } from '@gradsmith/core/ledger';
import type { JobHead, JobHeads } from './job-heads.ts';

/** One server-sent event. A client resumes after its `id`. */
export interface FeedEvent {
  id: string;
  event: 'job' | 'trial' | 'deleted' | 'reset' | 'open';
  data: object;
}

/** Missed changes that are sent one by one. If there are more, a `reset` is sent; the client reads the lists again. */
const MAX_BEHIND = 5_000;
const CHUNK = 500;
/** Events whose trials are held at once for a reader. */
const HELD = 50;

/**
 * The changes of a job, derived from its records on demand: each trial's history names the changes of the job at which
 * it moved. An event of an earlier move carries the present data of its trial. Nothing is stored or buffered for a
 * reader, who may resume from any sequence number.
 */
export class JobFeed {
  readonly #ledger: Ledger;
  readonly #heads: JobHeads;
  readonly #jobId: string;
  #seq: number | null;
  /** The job as it was at `#seq`. Null: not read yet, so every trial is read. */
  #seen: JobRecord | null = null;
  #isDeleted = false;

  /** @param after the last sequence number that the reader has seen; null: only changes from now on */
  constructor({ ledger, heads }: { ledger: Ledger; heads: JobHeads }, jobId: string, after: number | null) {
    this.#ledger = ledger;
    this.#heads = heads;
    this.#jobId = jobId;
    this.#seq = after;
  }

  /** True once the job is deleted. */
  get isDeleted(): boolean {
    return this.#isDeleted;
  }

  /** Yields the changes since the last call, in order, then the state of the job. */
  async *next(): AsyncGenerator<FeedEvent> {
    const head = await this.#heads.read(this.#jobId);
    if (!head) {
      this.#isDeleted = true;
      yield { id: String(this.#seq ?? 0), event: 'deleted', data: { job: this.#jobId } };
      return;
    }
    const { job } = head;
    // The job was deleted and created again under its key.
    if (this.#seq !== null && this.#seq > job.seq) this.#seq = this.#seen = null;
    const since = this.#seq;
    if (since === job.seq && this.#seen !== null) return;
    if (since !== null && job.seq - since > MAX_BEHIND) yield createReset(job);
    else if (since !== null) yield* this.#listMoves(job, since);
    this.#seq = job.seq;
    this.#seen = job;
    yield createJobEvent(head);
  }

  /** Holds the trials of a few events at a time, because a slow reader may take minutes for them. */
  async *#listMoves(job: JobRecord, since: number): AsyncGenerator<FeedEvent> {
    const moves: Move[] = [];
    const ids = this.#listMovedTrials(job);
    for (let from = 0; from < ids.length; from += CHUNK) {
      for (const trial of await this.#ledger.readTrials(job.id, ids.slice(from, from + CHUNK)))
        for (const move of listMovesBetween(trial, since, job.seq)) moves.push(move);
    }
    moves.sort((a, b) => a.seq - b.seq);
    for (let from = 0; from < moves.length; from += HELD) {
      const page = moves.slice(from, from + HELD);
      const trials = await this.#ledger.readTrials(job.id, [...new Set(page.map(({ trialId }) => trialId))]);
      const byId = new Map(trials.map((trial) => [trial.id, trial]));
      for (const move of page) {
        const trial = byId.get(move.trialId);
        if (trial) yield createTrialEvent(job.id, move, trial);
      }
    }
  }

  /** Returns the trials that can have moved since the last call: those open then or now, and the new ones. */
  #listMovedTrials(job: JobRecord): string[] {
    const seen = this.#seen;
    // An invalidated trial may be any.
    if (!seen || seen.invalidated !== job.invalidated) return listTrialIds(job);
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

/** A move of a trial at a change of its job. */
interface Move {
  seq: number;
  move: string;
  trialId: string;
}

function listMovesBetween({ id, history }: TrialRecord, since: number, seq: number): Move[] {
  return history.filter(([at]) => at > since && at <= seq).map(([at, move]) => ({ seq: at, move, trialId: id }));
}

function createTrialEvent(job: string, { seq, move }: Move, trial: TrialRecord): FeedEvent {
  return { id: String(seq), event: 'trial', data: { job, seq, move, trial: toTrialResource(trial) } };
}

function createJobEvent({ job, summary }: JobHead): FeedEvent {
  return { id: String(job.seq), event: 'job', data: { ...summary, seq: job.seq } };
}

function createReset(job: JobRecord): FeedEvent {
  return { id: String(job.seq), event: 'reset', data: { job: job.id, seq: job.seq } };
}

function listNumbers(from: number, to: number): string[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => String(from + i));
}
