import { NotFound } from '../domain/errors.ts';
import { isLaterStep, type Progress } from '../domain/progress.ts';
import type { AttemptRef } from '../trials/attempts.ts';
import { recordHeartbeat, type HeartbeatAnswer } from '../trials/record-heartbeat.ts';
import type { ExecutorDeps } from './deps.ts';

/** A reason costs less than the exception with a stack that is made without one. */
const WOKEN = 'woken';
/** Heartbeats in one lease, so that several may be lost before it runs out. */
const BEATS_PER_LEASE = 6;
/** Progress of a training between two heartbeats that is sent for its curve, at most. */
const MOST_PASSED = 16;

/** When heartbeats are sent: at each rung at once and in order, otherwise `everyMs` with the latest progress. */
export interface Pace {
  rungs: readonly number[];
  everyMs: number;
}

/** Renews the lease while the trainer works, and stops the trainer if the ledger says so. */
export class Heartbeats {
  readonly #deps: ExecutorDeps;
  readonly #ref: AttemptRef;
  readonly #stopTraining: AbortController;
  readonly #rungs: ReadonlySet<number>;
  readonly #everyMs: number;
  readonly #done = new AbortController();
  readonly #prune = new AbortController();
  readonly #loop: Promise<void>;
  #progress: Progress | null = null;
  /** Progress at rungs that was not sent yet. */
  #reached: Progress[] = [];
  /** Progress of a training that was not sent yet, thinned out. */
  #passed: Progress[] = [];
  #wake = new AbortController();
  /** Why the trainer was stopped; null if it was not. */
  verdict: 'cancelled' | 'stale' | null = null;

  constructor(deps: ExecutorDeps, ref: AttemptRef, stopTraining: AbortController, { rungs, everyMs }: Pace) {
    this.#deps = deps;
    this.#ref = ref;
    this.#stopTraining = stopTraining;
    this.#rungs = new Set(rungs);
    this.#everyMs = Math.min(everyMs, deps.leaseMs / BEATS_PER_LEASE);
    this.#loop = this.#run();
  }

  /** Aborted when the training should end early. */
  get prune(): AbortSignal {
    return this.#prune.signal;
  }

  /** Takes the progress of a later step; that of a repeated or an earlier one is left out. */
  note(progress: Progress): void {
    if (!isLaterStep(this.#progress, progress)) return;
    this.#progress = progress;
    // Thinning loses no area of sums. Values of modules may decide about pruning, so they are never sent late.
    if ('partialSum' in progress) this.#passed.push({ step: progress.step, partialSum: progress.partialSum });
    if (this.#passed.length > MOST_PASSED) this.#passed = this.#passed.filter((_, i) => i % 2 === 1);
    if (!this.#rungs.has(progress.step)) return;
    this.#reached.push(progress);
    this.#wake.abort(WOKEN);
  }

  async stop(): Promise<void> {
    this.#done.abort(WOKEN);
    this.#wake.abort(WOKEN);
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#done;
    for (;;) {
      await this.#waitForNext();
      if (signal.aborted) return;
      const answer = await this.#beat(signal);
      if (answer === 'prune') this.#prune.abort();
      if (answer !== 'cancel' && answer !== 'stale') continue;
      this.verdict = answer === 'cancel' ? 'cancelled' : 'stale';
      this.#stopTraining.abort();
      return;
    }
  }

  async #waitForNext(): Promise<void> {
    if (this.#reached.length || this.#done.signal.aborted) return;
    this.#wake = new AbortController();
    await this.#deps.clock.sleep(this.#everyMs, this.#wake.signal);
  }

  /** Sends one heartbeat. Returns null if the ledger did not answer: the training continues and reports later. */
  async #beat(signal: AbortSignal): Promise<HeartbeatAnswer | null> {
    const { clock, ledger, leaseMs, log } = this.#deps;
    const [rung] = this.#reached;
    const progress = rung ?? this.#progress;
    const passed = progress ? this.#passed.filter(({ step }) => step < progress.step) : [];
    try {
      const answer = await recordHeartbeat(ledger, this.#ref, progress, { leaseMs, passed });
      if (progress) this.#passed = this.#passed.filter(({ step }) => step > progress.step);
      if (rung) this.#reached.shift();
      return answer;
    } catch (error) {
      // The job was deleted.
      if (error instanceof NotFound) return 'cancel';
      log.warn({ err: error, job: this.#ref.jobId, trial: this.#ref.trialId }, 'heartbeat not recorded');
      if (rung) await clock.sleep(this.#everyMs, signal);
      return null;
    }
  }
}
