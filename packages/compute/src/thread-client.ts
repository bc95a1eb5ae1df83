import { Worker } from 'node:worker_threads';
import { Busy } from '@gradsmith/core/domain';

/** What a thread answers to a call. */
export type ThreadAnswer<Result> = { id: number; result: Result } | { id: number; error: string };

export interface ThreadSettings {
  /** What is computed, for messages: `the importance`. */
  what: string;
  /** The thread's body; it calls `serveCalls`. */
  body: URL;
  /** Calls that may be open at once. A call beyond that is refused. Default: any number. */
  maxOpen?: number;
}

interface OpenCall<Result> {
  resolve(result: Result): void;
  reject(error: Error): void;
}

/** A thread with the calls that it has not answered yet. */
interface Thread<Result> {
  worker: Worker;
  open: Map<number, OpenCall<Result>>;
}

/**
 * Calls a pure function in a worker thread, so that a long computation never blocks the event loop of its caller. The
 * thread starts with the first call and answers one call after the other.
 *
 * A thread that ends rejects the calls it was sent, and no others: the next call starts a new thread with its own set
 * of open calls, so that a late `error` or `exit` event of the old thread cannot reach them.
 */
export class ThreadClient<Input, Result> {
  readonly #settings: ThreadSettings;
  #thread: Thread<Result> | null = null;
  #nextId = 0;

  constructor(settings: ThreadSettings) {
    this.#settings = settings;
  }

  /**
   * Resolves to the function's result.
   *
   * @throws Busy if too many calls are open; Error if the function throws or the thread ends
   */
  async call(input: Input): Promise<Result> {
    const { what, maxOpen = Infinity } = this.#settings;
    const { worker, open } = (this.#thread ??= this.#startThread());
    if (open.size >= maxOpen) throw new Busy(`${what} is being computed for ${maxOpen} others; try again in a moment`);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      open.set(id, { resolve, reject });
      worker.postMessage({ id, input });
    });
  }

  /** Ends the thread. Open calls are rejected. */
  async close(): Promise<void> {
    await this.#thread?.worker.terminate();
  }

  #startThread(): Thread<Result> {
    const { body, what } = this.#settings;
    const worker = new Worker(body);
    const thread: Thread<Result> = { worker, open: new Map() };
    // The thread must not keep a process alive that has nothing else to do.
    worker.unref();
    worker.on('message', (answer: ThreadAnswer<Result>) => {
      const call = thread.open.get(answer.id);
      thread.open.delete(answer.id);
      if ('result' in answer) call?.resolve(answer.result);
      else call?.reject(new Error(`${what} could not be computed: ${answer.error}`));
    });
    worker.on('error', (cause) => this.#drop(thread, cause));
    worker.on('exit', () => this.#drop(thread));
    return thread;
  }

  #drop(thread: Thread<Result>, cause?: unknown): void {
    if (this.#thread === thread) this.#thread = null;
    const error = new Error(`the thread that computes ${this.#settings.what} ended`, { cause });
    for (const { reject } of thread.open.values()) reject(error);
    thread.open.clear();
  }
}
