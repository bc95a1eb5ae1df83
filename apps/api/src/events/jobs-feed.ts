import { toJobSummary } from '@gradsmith/contract';
import { isActive } from '@gradsmith/core/domain';
import { summarizeJob } from '@gradsmith/core/jobs';
import { type JobView, type Ledger } from '@gradsmith/core/ledger';
import { type Signals } from '@gradsmith/core/ports';
import type { FeedEvent } from './job-feed.ts';

/** How often the active jobs are looked at even if no signal comes, ms: signals may be lost. */
const LOOK_MS = 2_000;
/**
 * How long before an event another job can have ended of which its readers were not told yet, ms: several looks, for
 * those that are slow.
 */
const UNNOTICED_MS = 10_000;
/** Jobs looked through for those that ended while a reader was away. */
const SCAN = 1_000;

/**
 * Changes of all jobs, for any number of readers. One look serves them all and stops when nobody reads. A reader that
 * is slow keeps only the latest event of each job, so what waits for it is bounded by the number of jobs that change.
 */
export class JobsFeed {
  readonly #ledger: Ledger;
  readonly #readers = new Set<Reader>();
  readonly #seen = new Map<string, number>();
  readonly #dirty = new Set<string>();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | null = null;
  #looking = false;

  constructor(ledger: Ledger, signals: Signals) {
    this.#ledger = ledger;
    this.#unsubscribe = signals.subscribe((jobId) => {
      if (!this.#readers.size) return;
      this.#dirty.add(jobId);
      void this.#look(false);
    });
  }

  /** `after` is the id of the last event the reader has seen (a moment of the ledger's clock, ms). */
  async open(after: number | null): Promise<Reader> {
    if (!this.#readers.size) {
      this.#seen.clear();
      for await (const { job } of this.#views(true)) this.#seen.set(job.id, job.seq);
      this.#timer ??= setInterval(() => void this.#look(true), LOOK_MS).unref();
    }
    const reader = new Reader((one) => this.#leave(one));
    this.#readers.add(reader);
    try {
      if (after !== null) await this.#catchUp(reader, after);
    } catch (error) {
      reader.close();
      throw error;
    }
    return reader;
  }

  /**
   * Puts what the reader may have missed. What it has seen already may be among it: events tell where a job stands, so
   * that does no harm.
   */
  async #catchUp(reader: Reader, after: number): Promise<void> {
    for await (const view of this.#views(false)) {
      if (isActive(view.job.state) || (view.job.finishedAt ?? 0) >= after - UNNOTICED_MS)
        reader.put(view.job.id, toEvent(view));
    }
  }

  close(): void {
    this.#unsubscribe();
    for (const reader of this.#readers) reader.close();
  }

  async #look(all: boolean): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      if (all) for await (const view of this.#views(true)) this.#note(view);
      // A job that has ended is no longer among the active ones: look at those seen before, too.
      const ended = all ? [...this.#seen.keys()] : [];
      for (const id of new Set([...this.#dirty, ...ended])) {
        this.#dirty.delete(id);
        const view = await this.#ledger.findJob(id);
        if (view) this.#note(view);
        else await this.#noteDeleted(id);
      }
    } catch {
      // The ledger is away: what has changed is noticed by the next look.
    } finally {
      this.#looking = false;
    }
    if (this.#dirty.size) setTimeout(() => void this.#look(false), 50).unref();
  }

  #note(view: JobView): void {
    const { id, seq, state } = view.job;
    if (this.#seen.get(id) === seq) return;
    if (isActive(state)) this.#seen.set(id, seq);
    else this.#seen.delete(id);
    this.#tell(id, toEvent(view));
  }

  async #noteDeleted(id: string): Promise<void> {
    const now = await this.#ledger.readClock(id);
    this.#seen.delete(id);
    this.#tell(id, { id: String(now), event: 'deleted', data: { job: id } });
  }

  #tell(id: string, event: FeedEvent): void {
    for (const reader of this.#readers) reader.put(id, event);
  }

  async *#views(active: boolean): AsyncGenerator<JobView> {
    let scanned = 0;
    for await (const { view } of this.#ledger.readJobs({ active })) {
      if (view) yield view;
      if (++scanned === SCAN) return;
    }
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** One reader's events that are not sent yet: the latest of each job. */
export class Reader {
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

  /** Resolves when there is something to take, or after `ms`. */
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
    this.#leave(this);
    this.#wake?.();
  }
}

function toEvent({ now, job, spec }: JobView): FeedEvent {
  return { id: String(now), event: 'job', data: { ...toJobSummary(summarizeJob(job, spec)), seq: job.seq } };
}
