import { toJobSummary } from '@gradsmith/contract';
import { CorruptRecord, isActive, LedgerUnavailable } from '@gradsmith/core/domain';
import { summarizeJob } from '@gradsmith/core/jobs';
import { type JobView, type Ledger } from '@gradsmith/core/ledger';
import { type Log, type Signals } from '@gradsmith/core/ports';
import type { FeedEvent } from './job-feed.ts';

/** How often the active jobs are read even if no signal comes, ms, because signals may be lost. */
const LOOK_MS = 2_000;
/** How long before an event another job can have finished without its own event, ms: several slow reads. */
const UNNOTICED_MS = 10_000;
/** Jobs that are searched for those that finished while a reader was disconnected. */
const SCAN = 1_000;

/**
 * Changes of all jobs, for any number of readers. One poll serves them all and stops when there are none. A slow reader
 * keeps only the latest event of each job, so its backlog is bounded by the number of jobs that change. A job whose
 * records cannot be read has no events; the log names it once, until it can be read again.
 */
export class AllJobsFeed {
  readonly #ledger: Ledger;
  readonly #log: Log;
  /** Jobs that cannot be read, as the log says. */
  readonly #unreadable = new Set<string>();
  readonly #readers = new Set<Reader>();
  readonly #seen = new Map<string, number>();
  readonly #dirty = new Set<string>();
  readonly #unsubscribe: () => void;
  /** Readers that are open or being opened. */
  #users = 0;
  /** The first read of the active jobs. Readers that open during it wait for it. Null while there are no readers. */
  #started: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isPolling = false;

  constructor(ledger: Ledger, signals: Signals, log: Log) {
    this.#ledger = ledger;
    this.#log = log;
    this.#unsubscribe = signals.subscribe((jobId) => {
      if (!this.#readers.size) return;
      this.#dirty.add(jobId);
      void this.#poll(false);
    });
  }

  /**
   * A reader that has seen no event gets `open` first: its id continues a stream that breaks before the first change.
   *
   * @param after the id of the last event that the reader has seen (time of the ledger's clock, ms)
   */
  async open(after: number | null): Promise<Reader> {
    this.#users += 1;
    const reader = new Reader((one) => this.#leave(one));
    try {
      // Before the jobs are read: a change that comes later must be repeated after a reconnection.
      if (after === null) reader.put('', { id: String(await this.#ledger.readClock('')), event: 'open', data: {} });
      await (this.#started ??= this.#start());
      this.#readers.add(reader);
      if (after !== null) await this.#catchUp(reader, after);
    } catch (error) {
      reader.close();
      throw error;
    }
    return reader;
  }

  /** Notes the state of the active jobs, from which on the readers get changes. */
  async #start(): Promise<void> {
    this.#seen.clear();
    this.#dirty.clear();
    try {
      for await (const { job } of this.#views(true)) this.#seen.set(job.id, job.seq);
    } catch (error) {
      this.#started = null;
      throw error;
    }
    this.#timer = setInterval(() => void this.#poll(true), LOOK_MS).unref();
  }

  /** Adds the events that the reader may have missed. It may get a state twice, which is harmless. */
  async #catchUp(reader: Reader, after: number): Promise<void> {
    for await (const view of this.#views(false)) {
      const event = this.#describe(view);
      const isNew = isActive(view.job.state) || (view.job.finishedAt ?? 0) >= after - UNNOTICED_MS;
      if (event && isNew) reader.put(view.job.id, event);
    }
  }

  close(): void {
    this.#unsubscribe();
    for (const reader of this.#readers) reader.close();
  }

  async #poll(all: boolean): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    let isRead = false;
    try {
      const unread = all ? await this.#readActive() : [];
      for (const id of new Set([...this.#dirty, ...unread])) {
        await this.#readDirty(id);
      }
      isRead = true;
    } catch (error) {
      // If the ledger is unavailable, the next poll finds the changes.
      if (!(error instanceof LedgerUnavailable))
        this.#log.error({ err: error }, 'changes of jobs could not be read for the stream of all jobs; trying again');
    } finally {
      this.#isPolling = false;
    }
    if (isRead && this.#dirty.size) setTimeout(() => void this.#poll(false), 50).unref();
  }

  /**
   * Reads the active jobs. Returns the ids of those that were active before and are not among them: they may have
   * finished.
   */
  async #readActive(): Promise<string[]> {
    const read = new Set<string>();
    for await (const view of this.#views(true)) {
      read.add(view.job.id);
      this.#recordChange(view);
    }
    return [...this.#seen.keys()].filter((id) => !read.has(id));
  }

  /** Reads a job that has changed. If that fails, the job is read again by the next poll. */
  async #readDirty(id: string): Promise<void> {
    // Before the read: a signal that comes during it may be of a later change.
    this.#dirty.delete(id);
    try {
      await this.#readChange(id);
    } catch (error) {
      this.#dirty.add(id);
      throw error;
    }
  }

  async #readChange(id: string): Promise<void> {
    try {
      const view = await this.#ledger.findJob(id);
      if (view) this.#recordChange(view);
      else await this.#recordDeletion(id);
    } catch (error) {
      // A job whose records cannot be read has no events, and must not hold back those of others.
      if (!(error instanceof CorruptRecord)) throw error;
      this.#seen.delete(id);
      this.#warnOnce(id, error);
    }
  }

  #recordChange(view: JobView): void {
    const { id, seq, state } = view.job;
    const event = this.#describe(view);
    if (!event || this.#seen.get(id) === seq) return;
    if (isActive(state)) this.#seen.set(id, seq);
    else this.#seen.delete(id);
    this.#send(id, event);
  }

  async #recordDeletion(id: string): Promise<void> {
    const now = await this.#ledger.readClock(id);
    this.#seen.delete(id);
    this.#unreadable.delete(id);
    this.#send(id, { id: String(now), event: 'deleted', data: { job: id } });
  }

  #send(id: string, event: FeedEvent): void {
    for (const reader of this.#readers) reader.put(id, event);
  }

  async *#views(active: boolean): AsyncGenerator<JobView> {
    let scanned = 0;
    for await (const { id, view, corrupt } of this.#ledger.readJobs({ active })) {
      if (view) yield view;
      else if (corrupt) this.#warnOnce(id, corrupt);
      if (++scanned === SCAN) return;
    }
  }

  /** Returns null for a job whose records lack fields. */
  #describe(view: JobView): FeedEvent | null {
    const { now, job } = view;
    try {
      const data = { ...toJobSummary(summarizeJob(view)), seq: job.seq };
      this.#unreadable.delete(job.id);
      return { id: String(now), event: 'job', data };
    } catch (error) {
      this.#warnOnce(job.id, error);
      return null;
    }
  }

  #warnOnce(id: string, error: unknown): void {
    if (this.#unreadable.has(id)) return;
    this.#unreadable.add(id);
    this.#log.warn({ err: error, job: id }, 'job cannot be read, so the stream of all jobs has no events of it');
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#started = null;
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** The events that one reader has not received yet: the latest of each job. */
export class Reader {
  #isClosed = false;
  readonly #waiting = new Map<string, FeedEvent>();
  readonly #leave: (reader: Reader) => void;
  #wake: (() => void) | null = null;

  constructor(leave: (reader: Reader) => void) {
    this.#leave = leave;
  }

  put(jobId: string, event: FeedEvent): void {
    this.#waiting.delete(jobId);
    this.#waiting.set(jobId, event);
    this.#wake?.();
  }

  take(): FeedEvent[] {
    const events = [...this.#waiting.values()];
    this.#waiting.clear();
    return events;
  }

  /** Resolves when there are events to take, or after `ms`. */
  async wait(ms: number): Promise<void> {
    if (this.#waiting.size) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#leave(this);
    this.#wake?.();
  }
}
