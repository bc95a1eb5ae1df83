import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Busy } from '@gradsmith/core/domain';
import { CallLanes, type Lane } from './call-lanes.ts';

/** The answer of a thread to a call. */
export type ThreadAnswer<Result> = { id: number; result: Result } | { id: number; error: string };

export interface ThreadSettings {
  /** What is computed, for messages: `the importance`. */
  what: string;
  /** The thread's program; it calls `serveCalls`. */
  body: URL;
  /** Limit of open calls; further calls are refused. By default unlimited. */
  maxOpen?: number;
  /** Quick calls computed at the same time; by default one less than the processors. */
  threads?: number | undefined;
  /** A call that takes longer is slow, ms. */
  slowMs?: number;
  /** Slow calls computed at the same time, in addition to the quick ones. */
  maxSlow?: number;
  /** Time limit of a call from its start, ms. */
  limitMs: number;
}

/** A call without a result: the function threw, its thread exited, or the time limit was reached. */
export class ComputationFailed extends Error {
  override readonly name = 'ComputationFailed';
}

interface Call<Input, Result> {
  id: number;
  key: string;
  lane: Lane;
  input: Input;
  resolve(result: Result): void;
  reject(error: Error): void;
}

/** A thread and its current call. */
interface Thread<Input, Result> {
  worker: Worker;
  call: Call<Input, Result> | null;
}

const SLOW_MS = 1_000;
const MAX_SLOW = 4;

/**
 * Calls a pure function in worker threads, so that a long computation blocks neither the event loop of its caller nor
 * the calls of others.
 *
 * - A thread computes one call at a time. Waiting calls start in the order of their arrival.
 * - A call is slow after `slowMs`, or from its start if the last call under the same key was slow. Slow calls have
 *   threads in addition to those of quick calls, so that a few slow jobs never delay the others.
 * - After `limitMs` the thread of a call is terminated and replaced, and the call fails.
 */
export class ThreadPool<Input, Result> {
  readonly #settings: Required<ThreadSettings>;
  readonly #threads = new Set<Thread<Input, Result>>();
  readonly #lanes: CallLanes;
  #waiting: Call<Input, Result>[] = [];
  #nextId = 0;

  constructor(settings: ThreadSettings) {
    const { threads = Math.max(1, availableParallelism() - 1) } = settings;
    this.#settings = { maxOpen: Infinity, slowMs: SLOW_MS, maxSlow: MAX_SLOW, ...settings, threads };
    this.#lanes = new CallLanes(this.#settings);
  }

  /**
   * Calls the function and returns its result. `key` identifies the caller, such as a job.
   *
   * @throws Busy if too many calls are open
   * @throws ComputationFailed if the function throws, its thread exits or the time limit is reached
   */
  async call(key: string, input: Input): Promise<Result> {
    const { what, maxOpen } = this.#settings;
    const open = this.#waiting.length + this.#lanes.running;
    if (open >= maxOpen) throw new Busy(`${what} is being computed for ${maxOpen} others; try again in a moment`);
    return new Promise((resolve, reject) => {
      const lane = this.#lanes.chooseLane(key);
      this.#waiting.push({ id: this.#nextId++, key, lane, input, resolve, reject });
      this.#startNext();
    });
  }

  /** Terminates the threads. Open calls are rejected. */
  async close(): Promise<void> {
    const error = new Error(`${this.#settings.what} is no longer computed: the process shuts down`);
    const threads = [...this.#threads];
    this.#threads.clear();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    for (const { call } of threads) {
      if (!call) continue;
      this.#lanes.finish(call.id);
      call.reject(error);
    }
    await Promise.all(threads.map(async ({ worker }) => worker.terminate()));
  }

  #startNext(): void {
    for (;;) {
      const index = this.#waiting.findIndex(({ lane }) => this.#lanes.hasRoom(lane));
      if (index < 0) return;
      const [call] = this.#waiting.splice(index, 1);
      this.#run(call!);
    }
  }

  #run(call: Call<Input, Result>): void {
    const thread = [...this.#threads].find((candidate) => !candidate.call) ?? this.#startThread();
    thread.call = call;
    this.#lanes.start(call, {
      onSlow: () => this.#startNext(),
      onLimit: () => {
        const { what, limitMs } = this.#settings;
        this.#drop(thread, new ComputationFailed(`${what} was not computed within ${limitMs / 1_000} s`));
      },
    });
    thread.worker.postMessage({ id: call.id, input: call.input });
  }

  #startThread(): Thread<Input, Result> {
    const { body, what } = this.#settings;
    const worker = new Worker(body);
    const thread: Thread<Input, Result> = { worker, call: null };
    this.#threads.add(thread);
    // The thread must not keep an idle process alive.
    worker.unref();
    worker.on('message', (answer: ThreadAnswer<Result>) => this.#settle(thread, answer));
    const exited = `the thread that computes ${what} exited`;
    worker.on('error', (cause) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#drop(thread, new ComputationFailed(`${exited}: ${why}`, { cause }));
    });
    worker.on('exit', () => this.#drop(thread, new ComputationFailed(exited)));
    return thread;
  }

  #settle(thread: Thread<Input, Result>, answer: ThreadAnswer<Result>): void {
    const { call } = thread;
    if (call?.id !== answer.id) return;
    thread.call = null;
    this.#lanes.finish(call.id);
    if ('result' in answer) call.resolve(answer.result);
    else call.reject(new ComputationFailed(`${this.#settings.what} could not be computed: ${answer.error}`));
    const idle = [...this.#threads].filter((candidate) => !candidate.call);
    if (idle.length > this.#settings.threads) {
      this.#threads.delete(thread);
      void thread.worker.terminate();
    }
    this.#startNext();
  }

  /** Removes a thread that exited or must exit. Later events of the same thread then find no call to reject. */
  #drop(thread: Thread<Input, Result>, error: Error): void {
    if (!this.#threads.delete(thread)) return;
    const { call } = thread;
    thread.call = null;
    void thread.worker.terminate();
    if (call) {
      this.#lanes.finish(call.id);
      call.reject(error);
    }
    this.#startNext();
  }
}
