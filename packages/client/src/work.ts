import type { AskedTrial, HeartbeatRequest, TellRequest } from '@gradsmith/contract';
import { checkProgress, fitsCurve, isLaterStep, type TrialResult } from '@gradsmith/core/domain';
import type { Gradsmith } from './client.ts';
import { ApiProblem, isTransient } from './problem.ts';
import type { Point } from './queries.ts';
import { pause, createUuid } from './time.ts';

/** The input of an objective. */
export interface Measurement {
  point: Point;
  /** Seed of the job, for programs that use random numbers. */
  seed: number;
  number: number;
  /** Aborts when the result is not needed: the job was cancelled, or another program has the trial. */
  signal: AbortSignal;
  /**
   * Reports an intermediate value; one of a repeated or an earlier step only renews the lease. Resolves to false if the
   * trial is pruned: return the value so far. Resolves to true also while the service is not reached, or if something
   * else answers. Throws InvalidInput for a value that is not finite and a step that is not a whole number from 0 to
   * 2^53 - 1.
   */
  report(step: number, value: number): Promise<boolean>;
}

/** The metric with others. By default the outcome is `pruned` if a report resolved to false, otherwise `complete`. */
export interface Measured {
  value: number;
  metrics?: Record<string, number>;
  outcome?: TrialResult['outcome'];
}

/**
 * Measures a point: resolves to the metric, or to it with others. NaN or Infinity fail the trial; throwing fails the
 * attempt.
 */
export type Objective = (measurement: Measurement) => Promise<number | Measured>;

export interface WorkOptions {
  /** Name of this program, for people. */
  worker?: string;
  /** The trial goes to another program after this time without a heartbeat; `1s` to `1h`. Default `60s`. */
  lease?: string;
  /** Aborting releases the running trial. */
  signal?: AbortSignal;
  onReported?(trial: string, answer: string): void;
}

type StartedTrial = Extract<AskedTrial, { answer: 'trial' }>;

/** Pauses between calls that failed, from the first to the longest, ms. Each call is retried by the client as well. */
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 5_000;
/** Why a trial is released. */
const STOPPED = 'the program was stopped';
/** Intermediate values that a result contains at most; the body of a request is limited. */
const LONGEST_CURVE = 10_000;

/**
 * Measures trials of an external objective, one at a time, until the job has finished. Any number of programs may do so
 * at once. While the service is not reached it waits, keeps the result and reports it later, however long that takes.
 * Only `signal` or a refusal of the service ends it earlier; it throws ApiProblem for the latter.
 */
export async function work(
  service: Gradsmith,
  job: string,
  objective: Objective,
  options: WorkOptions = {},
): Promise<void> {
  const { worker = 'external', lease = '60s', signal } = options;
  for (;;) {
    if (signal?.aborted) return;
    const attempt = createUuid();
    const started = await retryUntilAnswered(() => service.ask(job, { attempt, worker, lease, wait: '10s' }), signal);
    if (!started || started.answer === 'finished') return;
    if (started.answer !== 'trial') continue;
    if (signal?.aborted) {
      // The trial was leased while the service was asked. Without this, nobody would measure it until its lease ends.
      await retryUntilAnswered(() => service.release(job, started.trial, attempt, STOPPED), signal);
      return;
    }
    await measureTrial(new TrialLease(service, job, started), objective, options);
  }
}

async function measureTrial(
  trialLease: TrialLease,
  objective: Objective,
  { signal, onReported }: WorkOptions,
): Promise<void> {
  const { service, job, started } = trialLease;
  const { trial, attempt, point, seed, number } = started;
  const curve: number[] = [];
  let latest: { step: number } | null = null;
  try {
    const report = async (step: number, value: number): Promise<boolean> => {
      checkProgress({ step, value });
      if (isLaterStep(latest, { step })) {
        latest = { step };
        curve.push(value);
      }
      return (await trialLease.beat({ step, value })) === 'continue';
    };
    const stopped = signal ? AbortSignal.any([signal, trialLease.lost]) : trialLease.lost;
    const found = await objective({ point, seed, number, signal: stopped, report });
    if (trialLease.lost.aborted) return;
    const measured: Measured = typeof found === 'number' ? { value: found } : found;
    const { value, metrics = {}, outcome = trialLease.pruned ? 'pruned' : 'complete' } = measured;
    const request: TellRequest = {
      attempt,
      value: Number.isFinite(value) ? value : null,
      outcome,
      metrics,
      curve: thinCurve(curve),
    };
    const answer = await retryUntilAnswered(() => service.tell(job, trial, request), signal);
    if (answer) onReported?.(trial, answer.answer);
  } catch (error) {
    if (trialLease.lost.aborted) return;
    const reason = String(error instanceof Error ? error.message : error).slice(0, 2_000) || 'failed';
    await retryUntilAnswered<unknown>(
      () =>
        signal?.aborted ? service.release(job, trial, attempt, STOPPED) : service.fail(job, trial, { attempt, reason }),
      signal,
    );
  } finally {
    trialLease.finish();
  }
}

/** Returns the values that fit a result: at most `LONGEST_CURVE` of them, evenly spaced, and none beyond float32. */
function thinCurve(curve: readonly number[]): number[] {
  const fitting = curve.filter(fitsCurve);
  const every = Math.max(1, Math.ceil(fitting.length / LONGEST_CURVE));
  return fitting.filter((_, i) => i % every === 0);
}

/**
 * Repeats a call until the service answers, which every operation of the trial protocol allows. Returns null if
 * `signal` aborted before that.
 */
async function retryUntilAnswered<A>(call: () => Promise<A>, signal: AbortSignal | undefined): Promise<A | null> {
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(2 * wait, LAST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    await pause(wait, signal).catch(() => {});
    if (signal?.aborted) return null;
  }
}

/** Renews the lease of a trial by heartbeats while it is measured. */
class TrialLease {
  readonly service: Gradsmith;
  readonly job: string;
  readonly started: StartedTrial;
  readonly #finished = new AbortController();
  readonly #lost = new AbortController();
  pruned = false;

  constructor(service: Gradsmith, job: string, started: StartedTrial) {
    this.service = service;
    this.job = job;
    this.started = started;
    void this.#run();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async beat(progress?: { step: number; value: number }): Promise<string> {
    const answer = await this.#sendHeartbeat(progress);
    if (answer === 'prune') this.pruned = true;
    if (answer === 'cancel' || answer === 'stale')
      this.#lost.abort(new Error(`the trial is ${answer === 'cancel' ? 'cancelled' : "another program's"}`));
    return answer;
  }

  finish(): void {
    this.#finished.abort();
  }

  /**
   * Returns the answer to a heartbeat. A lost heartbeat and an unexpected answer are harmless: the next heartbeat
   * renews the lease, and the report finds out whether the trial is still leased to this program. If the service
   * refuses heartbeats, it also refuses the result, and the error of that is reported.
   */
  async #sendHeartbeat(progress?: { step: number; value: number }): Promise<string> {
    const { trial, attempt, lease } = this.started;
    const request: HeartbeatRequest = { attempt, lease };
    if (progress) request.progress = progress;
    try {
      const { answer } = await this.service.heartbeat(this.job, trial, request, this.#finished.signal);
      // What is no answer of the service has none.
      return answer ?? 'continue';
    } catch (error) {
      // The job was deleted.
      const isDeleted = error instanceof ApiProblem && error.code === 'not-found';
      return isDeleted && !this.#finished.signal.aborted ? 'cancel' : 'continue';
    }
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        await pause(this.started.heartbeatEveryMs, this.#finished.signal);
        await this.beat();
      }
    } catch {
      // The trial is finished.
    }
  }
}
