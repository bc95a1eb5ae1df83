import { CorruptRecord, LedgerUnavailable, NotFound } from '../errors.ts';
import type { JobRecord, LeaseRecord } from '../job/record.ts';
import type { JobSpec } from '../job/spec.ts';
import { isActive } from '../job/states.ts';
import type { TrialRecord } from '../trial/record.ts';
import { Draft } from './draft.ts';
import { decodeRecord, encodeRecord, fields } from './fields.ts';
import { emptyQueue, type EnqueuedPoint, type QueueRecord } from './queue.ts';
import type { LedgerStore, StoreChange } from './store.ts';

/** What a transition wants to read: the trials it may change, and whether it stands or falls with the fence. */
interface Needs {
  trials?: readonly string[] | ((job: JobRecord) => readonly string[]);
  lease?: boolean;
  /** The points that clients enqueued. */
  queue?: boolean;
  /** What trials had reached where they are compared. */
  rungs?: boolean;
}

export interface JobView {
  /** The ledger's clock, ms. */
  now: number;
  job: JobRecord;
  spec: JobSpec;
  lease: LeaseRecord | null;
  /** Points that clients enqueued and that have no number yet, in order. */
  waiting: readonly EnqueuedPoint[];
}

/** Contention is between a few processes and each commit lets one of them through; this many in a row is a fault. */
const MAX_CONFLICTS = 1000;

/**
 * The durable record of jobs and trials: the only truth (property 1).
 *
 * Every transition is read → decide → compare-and-set over one `LedgerStore`: the deciding is plain code, shared by
 * every adapter, and the set succeeds only if nothing it depended on changed meanwhile (property 2). The verbs built on
 * `transact` are in `protocol.ts` (executors), `issuing.ts` (coordinator) and `jobs.ts` (clients).
 */
export class Ledger {
  readonly store: LedgerStore;

  constructor(store: LedgerStore) {
    this.store = store;
  }

  /** Runs one transition. Throws NotFound for an unknown job and whatever the store throws. */
  async transact<A>(jobId: string, needs: Needs, decide: (draft: Draft) => A): Promise<A> {
    for (let conflict = 0; conflict < MAX_CONFLICTS; conflict++) {
      const { draft, read } = await this.#load(jobId, needs);
      const answer = decide(draft);
      if (!draft.changed.size) return answer;
      if (await this.store.commit(jobId, toChange(draft, read))) return answer;
    }
    throw new LedgerUnavailable(`job ${jobId} changed ${MAX_CONFLICTS} times while one change was tried; try again`);
  }

  async #load(jobId: string, needs: Needs): Promise<{ draft: Draft; read: Map<string, string | null> }> {
    const read = new Map<string, string | null>();
    const fetch = async (names: readonly string[]): Promise<number> => {
      const { now, values } = await this.store.read(jobId, names);
      names.forEach((name, i) => read.set(name, values[i] ?? null));
      return now;
    };
    const listed = typeof needs.trials === 'function' ? undefined : (needs.trials ?? []);
    let now = await fetch([
      fields.job,
      fields.spec,
      ...(needs.lease ? [fields.lease] : []),
      ...(needs.queue ? [fields.queue] : []),
      ...(needs.rungs ? [fields.rungs] : []),
      ...(listed ?? []).map(fields.trial),
    ]);
    const job = this.#job(jobId, read);
    if (typeof needs.trials === 'function') {
      const more = needs
        .trials(job)
        .map(fields.trial)
        .filter((name) => !read.has(name));
      if (more.length) now = await fetch(more);
    }
    const spec = JSON.parse(read.get(fields.spec)!) as JobSpec;
    read.delete(fields.spec);
    const stored = <K extends 'lease' | 'queue' | 'rungs'>(kind: K) => {
      const text = read.get(fields[kind]);
      return text ? decodeRecord(kind, text) : null;
    };
    const trials = [...read].flatMap(([name, text]) =>
      text !== null && name.startsWith(fields.trial('')) ? [decodeRecord('trial', text)] : [],
    );
    return {
      draft: new Draft(
        now,
        spec,
        job,
        { lease: stored('lease'), queue: stored('queue'), rungs: stored('rungs') },
        trials,
      ),
      read,
    };
  }

  #job(jobId: string, read: ReadonlyMap<string, string | null>): JobRecord {
    const text = read.get(fields.job);
    if (!text) throw new NotFound(`job ${jobId}`);
    if (!read.get(fields.spec)) throw new CorruptRecord(`job ${jobId} has no specification; restore it from a back-up`);
    return decodeRecord('job', text);
  }

  /** The job with its specification, its lease and the ledger's clock. Throws NotFound. */
  async job(jobId: string): Promise<JobView> {
    const { draft } = await this.#load(jobId, { lease: true, queue: true });
    return { now: draft.now, job: draft.job, spec: draft.spec, lease: draft.lease, waiting: draft.queue.waiting };
  }

  /** Every point that clients enqueued. */
  async queue(jobId: string): Promise<QueueRecord> {
    const { values } = await this.store.read(jobId, [fields.queue]);
    return values[0] ? decodeRecord('queue', values[0]) : emptyQueue();
  }

  /** As `job`, or null where there is none: an index may name a job that was deleted meanwhile. */
  async findJob(jobId: string): Promise<JobView | null> {
    try {
      return await this.job(jobId);
    } catch (error) {
      if (error instanceof NotFound) return null;
      throw error;
    }
  }

  /** Those of the trials that exist, in the order asked for. */
  async trials(jobId: string, ids: readonly string[]): Promise<TrialRecord[]> {
    if (!ids.length) return [];
    const { values } = await this.store.read(jobId, ids.map(fields.trial));
    return values.flatMap((text) => (text === null ? [] : [decodeRecord('trial', text)]));
  }

  /** All search trials issued so far, by number, then reference and confirm trials in order of issue. */
  async allTrials(job: JobRecord): Promise<TrialRecord[]> {
    const numbers = Array.from({ length: job.nextNumber }, (_, n) => String(n));
    return this.trials(job.id, [...numbers, ...job.extras]);
  }

  /** The told loss curves (`TrialResult.curve`) of the trials, empty text where there is none. */
  async curves(jobId: string, ids: readonly string[]): Promise<string[]> {
    if (!ids.length) return [];
    const { values } = await this.store.read(jobId, ids.map(fields.curve));
    return values.map((text) => text ?? '');
  }
}

/** Everything read is expected unchanged, except a spec, which never changes. */
function toChange(draft: Draft, read: ReadonlyMap<string, string | null>): StoreChange {
  const writes: [string, string][] = [...draft.curves].map(([id, curve]) => [fields.curve(id), curve]);
  for (const what of draft.changed) {
    if (what === 'job') writes.push([fields.job, encodeRecord(draft.job)]);
    else if (what === 'lease') writes.push([fields.lease, encodeRecord(draft.lease!)]);
    else if (what === 'queue') writes.push([fields.queue, encodeRecord(draft.queue)]);
    else if (what === 'rungs') writes.push([fields.rungs, encodeRecord(draft.rungs)]);
    else writes.push([fields.trial(what.id), encodeRecord(what)]);
  }
  const jobChanged = draft.changed.has('job');
  // A heartbeat or a lease renewal changes nothing of the job, so it need not lose against those who do.
  const unread = new Set<string>([
    ...(jobChanged ? [] : [fields.job]),
    ...(draft.changed.has('rungs') ? [] : [fields.rungs]),
  ]);
  const expected = [...read].filter(([name]) => !unread.has(name));
  const index = { createdAt: draft.job.createdAt, active: isActive(draft.job.state) };
  return jobChanged ? { expected, writes, index } : { expected, writes };
}
