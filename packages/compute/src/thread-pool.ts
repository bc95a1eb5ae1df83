import { setPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Busy } from '@gradsmith/core/domain';
import { CallLanes, type Lane } from './call-lanes.ts';
import { countDefaultThreads } from './count-default-threads.ts';

/** The answer of a thread to a call, or what it says when it is ready: its number in the operating system. */
export type ThreadAnswer<Result> =
  | { id: number; result: Result }
  | { id: number; error: string }
  | { systemId: number | null };

export interface ThreadSettings {
  /** What is computed, for messages: `the importance`. */
  what: string;
  /** The thread's program; it calls `serveCalls`, which says that it is ready. */
  body: URL;
  /** Limit of open calls; further calls are refused. By default unlimited. */
  maxOpen?: number;
  /** Quick calls computed at the same time; by default `countDefaultThreads`. */
  threads?: number | undefined;
  /** A call that computes longer is slow, ms. */
  slowMs?: number;
  /** Slow calls computed at the same time, in addition to the quick ones. */
  maxSlow?: number;
  /**
   * Nice value of the threads of slow calls, on Linux: what is quick then gets the processors first. By default that of
   * the process.
   */
  slowNice?: number | undefined;
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
  /** Whether it has started, so that it computes what it is given. */
  isReady: boolean;
  /** Its number in the operating system, if it has said it. */
  systemId: number | null;
  /** Only a privileged process can raise a priority again: such a thread computes slow calls until it is terminated. */
  hasLowPriority: boolean;
}

/** Nice value for slow calls of a service: its quick calls and its event loop get the processors first. */
export const SLOW_NICE = 10;

const SLOW_MS = 250;
const MAX_SLOW = 4;

/**
 * Calls a pure function in worker threads, so that a long computation blocks neither the event loop of its caller nor
 * the calls of others.
 *
 * - A thread computes one call at a time. Of the waiting calls, one whose key has computed least recently is next, so
 *   that a job with many or long calls delays the others by one call at most.
 * - A call is slow after it computed for `slowMs`, or from its start if the last call under the same key was slow. Slow
 *   calls have threads in addition to those of quick calls, so that a few slow jobs never delay the others. With
 *   `slowNice`, they get the processors after everything else in this process.
 * - After `limitMs` the thread of a call is terminated and replaced, and the call fails.
 */
export class ThreadPool<Input, Result> {
  readonly #settings: Required<Omit<ThreadSettings, 'slowNice'>> & Pick<ThreadSettings, 'slowNice'>;
  readonly #threads = new Set<Thread<Input, Result>>();
  readonly #lanes: CallLanes;
  #waiting: Call<Input, Result>[] = [];
  #nextId = 0;

  constructor(settings: ThreadSettings) {
    const { threads = countDefaultThreads() } = settings;
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
      const call = this.#chooseNext();
      if (!call) return;
      this.#waiting.splice(this.#waiting.indexOf(call), 1);
      this.#run(call);
    }
  }

  /** Returns the waiting call that may run and whose key has computed least; of equals, the first that arrived. */
  #chooseNext(): Call<Input, Result> | null {
    let next: Call<Input, Result> | null = null;
    let least = Infinity;
    for (const call of this.#waiting) {
      const usage = this.#lanes.readUsage(call.key);
      if (usage >= least || !this.#lanes.hasRoom(call.lane)) continue;
      next = call;
      least = usage;
    }
    return next;
  }

  #run(call: Call<Input, Result>): void {
    const wantsLow = call.lane === 'slow' && this.#settings.slowNice !== undefined;
    const idle = [...this.#threads].filter((candidate) => !candidate.call && (wantsLow || !candidate.hasLowPriority));
    const thread = idle.find(({ hasLowPriority }) => hasLowPriority) ?? idle[0] ?? this.#startThread();
    thread.call = call;
    this.#lanes.start(call, () => {
      const { what, limitMs } = this.#settings;
      this.#drop(thread, new ComputationFailed(`${what} was not computed within ${limitMs / 1_000} s`));
    });
    thread.worker.postMessage({ id: call.id, input: call.input });
    if (thread.isReady) this.#startComputing(thread, call);
  }

  /** The time that a thread needs to start does not make a call slow. */
  #startComputing(thread: Thread<Input, Result>, call: Call<Input, Result>): void {
    if (call.lane === 'slow') this.#lowerPriority(thread);
    this.#lanes.startComputing(call.id, () => {
      this.#lowerPriority(thread);
      this.#startNext();
    });
  }

  #startThread(): Thread<Input, Result> {
    const { body, what } = this.#settings;
    const worker = new Worker(body);
    const thread: Thread<Input, Result> = { worker, call: null, isReady: false, systemId: null, hasLowPriority: false };
    this.#threads.add(thread);
    // The thread must not keep an idle process alive.
    worker.unref();
    worker.on('message', (answer: ThreadAnswer<Result>) => {
      if (!('systemId' in answer)) return this.#settle(thread, answer);
      thread.systemId = answer.systemId;
      thread.isReady = true;
      if (thread.call) this.#startComputing(thread, thread.call);
    });
    const exited = `the thread that computes ${what} exited`;
    worker.on('error', (cause) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#drop(thread, new ComputationFailed(`${exited}: ${why}`, { cause }));
    });
    worker.on('exit', () => this.#drop(thread, new ComputationFailed(exited)));
    return thread;
  }

  #lowerPriority(thread: Thread<Input, Result>): void {
    const { slowNice } = this.#settings;
    if (slowNice === undefined || thread.systemId === null || thread.hasLowPriority) return;
    try {
      setPriority(thread.systemId, slowNice);
      thread.hasLowPriority = true;
    } catch {
      // The process has a lower priority already, or the thread exits just now.
    }
  }

  #settle(thread: Thread<Input, Result>, answer: Exclude<ThreadAnswer<Result>, { systemId: unknown }>): void {
    const { call } = thread;
    if (call?.id !== answer.id) return;
    thread.call = null;
    this.#lanes.finish(call.id);
    if ('result' in answer) call.resolve(answer.result);
    else call.reject(new ComputationFailed(`${this.#settings.what} could not be computed: ${answer.error}`));
    const idle = [...this.#threads].filter(
      (candidate) => !candidate.call && candidate.hasLowPriority === thread.hasLowPriority,
    );
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
