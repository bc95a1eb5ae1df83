import { canonicalJson } from '../domain/canonical-json.ts';
import { createEnqueuedPoints, type EnqueuedPoints } from '../domain/enqueued-points.ts';
import { CorruptRecord, LedgerUnavailable, NotFound } from '../domain/errors.ts';
import { applyDetails } from '../domain/job-details.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { listTrialIds } from '../domain/list-trial-ids.ts';
import type { Recording } from '../domain/recording.ts';
import type { AttemptKey, ReportsRecord } from '../domain/reports.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { decodeDraft, listFields, readJobRecord, toFieldTexts, type FieldTexts } from './decode-draft.ts';
import type { Draft } from './draft.ts';
import { createIndexChange, encodeChange, getNames } from './encode-change.ts';
import type { FindQuery, FoundJobs } from './job-index.ts';
import type { JobListing, JobView, ListedJob, NewJob } from './job-view.ts';
import { JobNamer } from './name-jobs.ts';
import { decodeRecord, decodeRecording, encodeRecord, fields } from './records.ts';
import type { LedgerStore } from './store.ts';
import { TransitionGroups, type GroupAnswer, type Needs, type Transition } from './transition-groups.ts';

/** Each conflict lets another process commit, and there are few of them: this many in a row are a fault. */
const MAX_CONFLICTS = 1000;
/** Searches of one list, each after jobs were named that the one before met. */
const MAX_SEARCHES = 3;
/** Fields that a refused commit returns, at most; more are read separately. */
const MAX_REREAD = 2_000;
/** Ids read from the index at once. */
const IDS_AT_ONCE = 500;
/** Jobs read at once: a specification has up to a mebibyte. */
const READ_AT_ONCE = 10;
/** Trials read at once: decoding more would delay other requests. */
const TRIALS_AT_ONCE = 200;
/** Curves read at once: each has up to three megabytes. */
const CURVES_AT_ONCE = 50;

/** How to read many fields. */
interface PageReading<T> {
  pageSize: number;
  /** Decodes the text of a field; null if there is none. */
  decode(text: string | null): T;
}

/** Commits of transitions. */
export interface CommitCounts {
  committed: number;
  refused: number;
}

/**
 * The durable record of jobs and trials: the only truth (invariant 1).
 *
 * Every transition reads, decides, and compares-and-sets over one `LedgerStore`. The decision is plain code shared by
 * every adapter, and the set succeeds only if nothing that was read has changed (invariant 2). The use cases in
 * `trials/`, `jobs/` and `notifications/` are built on `transact`.
 */
export class Ledger {
  /** Commits of this process, and those that were refused because another process had changed the same job. */
  readonly counts: CommitCounts = { committed: 0, refused: 0 };
  readonly #store: LedgerStore;
  readonly #namer: JobNamer;
  readonly #groups = new TransitionGroups((jobId, group) => this.#commitGroup(jobId, group));

  constructor(store: LedgerStore) {
    this.#store = store;
    this.#namer = new JobNamer(store, async (jobId) => {
      await this.transact(jobId, { details: true }, (draft) => draft.markChanged('names'));
    });
  }

  /**
   * Runs one transition. Transitions of a job that this process runs at the same time may share a commit, each seeing
   * the changes of those before it.
   *
   * @throws NotFound for an unknown job, and whatever the decision or the store throws
   */
  async transact<A>(jobId: string, needs: Needs, decide: (draft: Draft) => A): Promise<A> {
    return this.#groups.add(jobId, { needs, decide }) as Promise<A>;
  }

  /** Decides the transitions one after the other and commits all or none. */
  async #commitGroup(jobId: string, group: readonly Transition[]): Promise<GroupAnswer> {
    const needs = group.map((transition) => transition.needs);
    let read = await this.#readNeeded(jobId, needs);
    for (let conflict = 0; conflict < MAX_CONFLICTS; conflict++) {
      const draft = decodeDraft(jobId, read);
      const answers = group.map(({ decide }) => decide(draft));
      if (!draft.changed.size) return { answers, conflicts: conflict };
      const names = [...read.texts.keys()];
      const isShort = names.length <= MAX_REREAD;
      const current = await this.#store.commitOrRead(jobId, encodeChange(draft, read.texts), isShort ? names : []);
      this.counts[current ? 'refused' : 'committed'] += 1;
      if (!current) return { answers, conflicts: conflict };
      read = await this.#readNeeded(jobId, needs, isShort ? toFieldTexts(names, current) : undefined);
    }
    throw new LedgerUnavailable(`job ${jobId} changed ${MAX_CONFLICTS} times during one transition; try again`);
  }

  /** Reads the job with what any of the transitions needs; `known` are fields that were read just now. */
  async #readNeeded(jobId: string, needs: readonly Needs[], known?: FieldTexts): Promise<FieldTexts> {
    const first = known ?? (await this.#readFields(jobId, listFields(needs)));
    const dynamic = needs.flatMap(({ trials }) => (typeof trials === 'function' ? [trials] : []));
    if (!dynamic.length) return first;
    const job = readJobRecord(jobId, first.texts);
    const wanted = [...listFields(needs), ...dynamic.flatMap((trials) => trials(job)).map(fields.trial)];
    const missing = wanted.filter((name) => !first.texts.has(name));
    const more = missing.length ? await this.#readFields(jobId, missing) : first;
    const texts = new Map(wanted.map((name) => [name, (first.texts.has(name) ? first : more).texts.get(name) ?? null]));
    return { now: more.now, texts };
  }

  async #readFields(jobId: string, names: readonly string[]): Promise<FieldTexts> {
    const unique = [...new Set(names)];
    return toFieldTexts(unique, await this.#store.read(jobId, unique));
  }

  /** Reads the job with its specification, its lease and the ledger's clock. Throws NotFound. */
  async readJob(jobId: string): Promise<JobView> {
    const draft = decodeDraft(jobId, await this.#readNeeded(jobId, [{ lease: true, enqueued: true, details: true }]));
    const { now, job, lease, details, enqueued } = draft;
    return { now, job, spec: applyDetails(draft.spec, details), details, lease, enqueued: enqueued.points };
  }

  /** Reads the specification as the job was created with it, which never changes. Throws NotFound. */
  async readPostedSpec(jobId: string): Promise<JobSpec> {
    return decodeDraft(jobId, await this.#readNeeded(jobId, [{}])).spec;
  }

  /** Reads every point that clients enqueued. */
  async readEnqueuedPoints(jobId: string): Promise<EnqueuedPoints> {
    const { values } = await this.#store.read(jobId, [fields.enqueued]);
    return values[0] ? decodeRecord('enqueued', values[0]) : createEnqueuedPoints();
  }

  /** Reads a job as `readJob` does; null if there is no such job: the index may list one that was deleted. */
  async findJob(jobId: string): Promise<JobView | null> {
    try {
      return await this.readJob(jobId);
    } catch (error) {
      if (error instanceof NotFound) return null;
      throw error;
    }
  }

  /** Reads the trials that exist, in the given order. */
  async readTrials(jobId: string, ids: readonly string[]): Promise<TrialRecord[]> {
    const decode = (text: string | null) => (text === null ? null : decodeRecord('trial', text));
    const trials = await this.#readDecoded(jobId, ids.map(fields.trial), { pageSize: TRIALS_AT_ONCE, decode });
    return trials.filter((trial) => trial !== null);
  }

  /** Reads all trials: search trials by number, then reference and confirm trials in order of creation. */
  async readAllTrials(job: JobRecord): Promise<TrialRecord[]> {
    return this.readTrials(job.id, listTrialIds(job));
  }

  /** Reads the loss curves (`TrialResult.curve`) of the trials; an empty text if a trial has none. */
  async readCurves(jobId: string, ids: readonly string[]): Promise<string[]> {
    const decode = (text: string | null) => text ?? '';
    return this.#readDecoded(jobId, ids.map(fields.curve), { pageSize: CURVES_AT_ONCE, decode });
  }

  /** Reads what the attempts have reported; null if one reported nothing. */
  async readReports(jobId: string, attempts: readonly AttemptKey[]): Promise<(ReportsRecord | null)[]> {
    const decode = (text: string | null) => (text ? decodeRecord('reports', text) : null);
    return this.#readDecoded(jobId, attempts.map(fields.reports), { pageSize: TRIALS_AT_ONCE, decode });
  }

  /** Reads the recorded weights (`TrialResult.recording`) of the trials; null if a trial has none. */
  async readRecordings(jobId: string, ids: readonly string[]): Promise<(Recording | null)[]> {
    const decode = (text: string | null) => (text === null ? null : decodeRecording(text));
    return this.#readDecoded(jobId, ids.map(fields.recording), { pageSize: CURVES_AT_ONCE, decode });
  }

  /** Reads and decodes fields in pages, so that other calls get their turn. */
  async #readDecoded<T>(jobId: string, names: readonly string[], { pageSize, decode }: PageReading<T>): Promise<T[]> {
    const decoded: T[] = [];
    for (let from = 0; from < names.length; from += pageSize) {
      const { values } = await this.#store.read(jobId, names.slice(from, from + pageSize));
      for (const text of values) decoded.push(decode(text));
    }
    return decoded;
  }

  /** Lists the ids of all jobs, or of the active ones, newest first. A hint only: an id may have no record. */
  async *listJobs({ active }: JobListing = {}): AsyncGenerator<string> {
    for await (const ids of this.#store.list({ pageSize: IDS_AT_ONCE, active })) yield* ids;
  }

  /** Lists jobs as `listJobs` does, and reads each. A job that cannot be read does not hide the others. */
  async *readJobs({ active }: JobListing = {}): AsyncGenerator<ListedJob> {
    for await (const ids of this.#store.list({ pageSize: IDS_AT_ONCE, active })) {
      for (let i = 0; i < ids.length; i += READ_AT_ONCE) {
        yield* await Promise.all(ids.slice(i, i + READ_AT_ONCE).map((id) => this.#readListedJob(id)));
      }
    }
  }

  /**
   * Finds jobs by the index and reads each. A job that cannot be read does not hide the others.
   *
   * @returns the jobs, their places in the list, and the ids of jobs that cannot be read and so may be missing
   * @throws Busy if the jobs of an earlier version are being named, and that takes long
   */
  async findJobs(query: FindQuery): Promise<FoundJobs & { listed: ListedJob[]; unreadable: string[] }> {
    await this.#namer.waitUntilNamed();
    const found = await this.#findNamed(query);
    const listed: ListedJob[] = [];
    for (let i = 0; i < found.jobs.length; i += READ_AT_ONCE) {
      const part = found.jobs.slice(i, i + READ_AT_ONCE);
      listed.push(...(await Promise.all(part.map(async ({ id }) => this.#readListedJob(id)))));
    }
    return { ...found, listed, unreadable: [...new Set([...this.#namer.unreadable, ...found.unnamed])] };
  }

  /** Names the jobs that the search meets without names, and searches again; `unnamed` are those that stay so. */
  async #findNamed(query: FindQuery): Promise<FoundJobs> {
    for (let search = 1; ; search++) {
      const found = await this.#store.find(query);
      const isNamed = await this.#namer.nameJobs(found.unnamed);
      if (!isNamed || search === MAX_SEARCHES) return found;
    }
  }

  /**
   * Looks for jobs that an earlier version has created or changed, and names them in the index, so that `findJobs`
   * finds them. While processes of an earlier version run, this must be repeated.
   */
  async nameJobs(): Promise<void> {
    await this.#namer.checkAll();
  }

  async #readListedJob(id: string): Promise<ListedJob> {
    try {
      return { id, view: await this.findJob(id), corrupt: null };
    } catch (error) {
      if (error instanceof CorruptRecord) return { id, view: null, corrupt: error };
      throw error;
    }
  }

  /** Returns the ledger's clock, ms. */
  async readClock(jobId: string): Promise<number> {
    return (await this.#store.read(jobId, [])).now;
  }

  /** Stores a new job with all its records, in one step. Returns false if there is one with this id. */
  async insertJob(jobId: string, { job, spec, writes = [] }: NewJob): Promise<boolean> {
    return this.#store.commit(jobId, {
      expected: [[fields.job, null]],
      writes: [[fields.spec, JSON.stringify(spec)], [fields.job, encodeRecord(job)], ...writes],
      index: { ...createIndexChange(job), names: getNames(spec) },
    });
  }

  /** Removes a job with everything recorded of it; with `unchanged`, only if its record still is that one. */
  async removeJob(jobId: string, unchanged?: JobRecord): Promise<boolean> {
    if (!unchanged) return this.#store.remove(jobId);
    const { values } = await this.#store.read(jobId, [fields.job]);
    const text = values[0];
    if (!text || canonicalJson(decodeRecord('job', text)) !== canonicalJson(unchanged)) return false;
    return this.#store.remove(jobId, [fields.job, text]);
  }

  /** Returns when the job was imported, by the clock of this ledger; null if it was created here. */
  async readImportTime(jobId: string): Promise<number | null> {
    const { values } = await this.#store.read(jobId, [fields.imported]);
    return values[0] ? decodeRecord('imported', values[0]).at : null;
  }

  /** Returns whether there is a job with this id that was created in this ledger, not imported. */
  async isCreatedHere(jobId: string): Promise<boolean> {
    const { values } = await this.#store.read(jobId, [fields.job, fields.imported]);
    return typeof values[0] === 'string' && !values[1];
  }

  /** Returns the secret from which the ids of jobs are derived. */
  async readSecret(): Promise<string> {
    return this.#store.readSecret();
  }

  /** Throws LedgerUnavailable within the store's bound if the store does not answer or cannot be written. */
  async check(): Promise<void> {
    await this.#store.check();
  }

  /** Closes the store. */
  async close(): Promise<void> {
    await this.#store.close();
  }
}
