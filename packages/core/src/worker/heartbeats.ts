import { NotFound } from '../domain/errors.ts';
import type { Progress } from '../domain/trial-record.ts';
import { type AttemptRef } from '../trials/attempts.ts';
import { recordHeartbeat } from '../trials/record-heartbeat.ts';
import type { ExecutorDeps } from './deps.ts';

/** Heartbeats in one lease: several may be lost before it runs out. */
const BEATS_PER_LEASE = 6;

/** What is told and how often: each rung at once and in order, otherwise the latest progress. */
interface Pace {
  rungs: readonly number[];
  everyMs: number;
}

/** Renews the lease while the trainer works, and stops the trainer when the ledger says so. */
export class Heartbeats {
  readonly #deps: ExecutorDeps;
  readonly #ref: AttemptRef;
  readonly #stopTraining: AbortController;
  readonly #done = new AbortController();
  readonly #loop: Promise<void>;
  readonly #rungs: ReadonlySet<number>;
  readonly #everyMs: number;
  readonly #prune = new AbortController();
  #progress: Progress | null = null;
  #reached: Progress[] = [];
  #wake = new AbortController();
  verdict: 'cancelled' | 'stale' | null = null;

  constructor(deps: ExecutorDeps, ref: AttemptRef, stopTraining: AbortController, { rungs, everyMs }: Pace) {
    this.#deps = deps;
    this.#rungs = new Set(rungs);
    this.#everyMs = Math.min(everyMs, deps.leaseMs / BEATS_PER_LEASE);
    this.#ref = ref;
    this.#stopTraining = stopTraining;
    this.#loop = this.#run();
  }

  /** Aborted when the ledger wants the training to end early. */
  get prune(): AbortSignal {
    return this.#prune.signal;
  }

  note(progress: Progress): void {
    this.#progress = progress;
    if (!this.#rungs.has(progress.step)) return;
    this.#reached.push(progress);
    this.#wake.abort();
  }

  async stop(): Promise<void> {
    this.#done.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, ledger, leaseMs, log } = this.#deps;
    const { signal } = this.#done;
    while (!signal.aborted) {
      if (!this.#reached.length) {
        this.#wake = new AbortController();
        await clock.sleep(this.#everyMs, AbortSignal.any([signal, this.#wake.signal]));
      }
      if (signal.aborted) return;
      const [rung] = this.#reached;
      try {
        const answer = await recordHeartbeat(ledger, this.#ref, rung ?? this.#progress, { leaseMs });
        if (rung) this.#reached.shift();
        if (answer === 'prune') this.#prune.abort();
        if (answer === 'continue' || answer === 'prune') continue;
        this.verdict = answer === 'cancel' ? 'cancelled' : 'stale';
      } catch (error) {
        // Away: training goes on, its result is told later. Gone: the job was deleted.
        if (!(error instanceof NotFound)) {
          log.warn({ err: error, job: this.#ref.jobId, trial: this.#ref.trialId }, 'heartbeat not heard');
          if (rung) await clock.sleep(this.#everyMs, signal);
          continue;
        }
        this.verdict = 'cancelled';
      }
      this.#stopTraining.abort();
      return;
    }
  }
}
