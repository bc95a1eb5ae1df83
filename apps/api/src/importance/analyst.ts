import { Worker } from 'node:worker_threads';
import { type ParameterImportance } from '@gradsmith/contract';
import { LedgerUnavailable, type JobRecord, type TrialRecord } from '@gradsmith/core/domain';
import { type JobSpec } from '@gradsmith/core/spec';

interface Waiting {
  resolve(items: ParameterImportance[]): void;
  reject(error: Error): void;
}

/** Fits that may wait for the thread. */
const MAX_WAITING = 16;
/** Results kept, each until its job changes. */
const MAX_KEPT = 200;

/** Computes importance in a thread of its own, so that no request waits for a fit but those that asked for it. */
export class Analyst {
  readonly #waiting = new Map<number, Waiting>();
  readonly #kept = new Map<string, { seq: number; items: Promise<ParameterImportance[]> }>();
  #thread: Worker | null = null;
  #nextId = 0;

  async importance(spec: JobSpec, job: JobRecord, trials: readonly TrialRecord[]): Promise<ParameterImportance[]> {
    const kept = this.#kept.get(job.id);
    if (kept?.seq === job.seq) return kept.items;
    if (this.#waiting.size >= MAX_WAITING)
      throw new LedgerUnavailable('the importance of many jobs is being computed; ask again in a moment');
    const thread = (this.#thread ??= this.#start());
    const id = this.#nextId++;
    const items = new Promise<ParameterImportance[]>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    thread.postMessage({ id, spec, job, trials });
    this.#kept.delete(job.id);
    this.#kept.set(job.id, { seq: job.seq, items });
    items.catch(() => this.#kept.delete(job.id));
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return items;
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(new URL('thread.ts', import.meta.url));
    thread.unref();
    thread.on('message', ({ id, items, error }: { id: number; items?: ParameterImportance[]; error?: string }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (items) waiting?.resolve(items);
      else waiting?.reject(new Error(`importance could not be computed: ${error}`));
    });
    const lose = (): void => {
      this.#thread = null;
      for (const { reject } of this.#waiting.values()) reject(new Error('the thread that computes importance ended'));
      this.#waiting.clear();
    };
    thread.on('error', lose);
    thread.on('exit', lose);
    return thread;
  }
}
