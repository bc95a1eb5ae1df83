import type { AskedTrial } from '@gradsmith/contract';
import type { Gradsmith, Point } from './client.ts';
import { ApiProblem, mayPass } from './problem.ts';
import { milliseconds, pause, uuid } from './time.ts';

/** What an objective is handed. */
export interface Measurement {
  point: Point;
  /** Of the job; for programs that draw at random. */
  seed: number;
  number: number;
  /** Aborted when nobody wants the result any more: the job was cancelled, or the trial went to another program. */
  signal: AbortSignal;
  /**
   * Tells an intermediate value. False: the trial is pruned, so return the value so far. True also where the service is
   * away.
   */
  report(step: number, value: number): Promise<boolean>;
}

/**
 * Measures a point: resolves to the metric, or to it with others. NaN or Infinity fail the trial; throwing fails the
 * attempt.
 */
export type Objective = (
  measurement: Measurement,
) => Promise<number | { value: number; metrics?: Record<string, number> }>;

export interface WorkOptions {
  /** Name of this program, for people. */
  worker?: string;
  /** The trial goes to another program when nothing is heard for so long; `1s` to `1h`. Default `60s`. */
  lease?: string;
  /** Aborting hands the running trial back. */
  signal?: AbortSignal;
  onTold?(trial: string, answer: string): void;
}

type Asked = Extract<AskedTrial, { answer: 'trial' }>;

/**
 * Pauses between tries, from the first to the longest, ms; each try repeats its call for as long as the client was told
 * to.
 */
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 5_000;

/**
 * Takes trials of an outside objective, one at a time, until the job has ended. Any number of programs may do so at
 * once. While the service is away it waits, and what was measured is kept and told when the service is back, however
 * long that takes; only `signal` and what the service refuses end it before. Throws ApiProblem for that.
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
    const attempt = uuid();
    const asked = await insist(() => service.ask(job, { attempt, worker, lease, wait: '10s' }), signal);
    if (!asked || asked.answer === 'finished') return;
    if (asked.answer === 'trial') await measure(service, job, asked, objective, options);
  }
}

async function measure(
  service: Gradsmith,
  job: string,
  asked: Asked,
  objective: Objective,
  { signal, onTold }: WorkOptions,
): Promise<void> {
  const { trial, attempt } = asked;
  const holding = new Holding(service, job, asked);
  const curve: number[] = [];
  try {
    const report = async (step: number, value: number): Promise<boolean> => {
      curve.push(value);
      return (await holding.beat({ step, value })) === 'continue';
    };
    const stopped = signal ? AbortSignal.any([signal, holding.lost]) : holding.lost;
    const found = await objective({
      point: asked.point,
      seed: asked.seed,
      number: asked.number,
      signal: stopped,
      report,
    });
    if (holding.lost.aborted) return;
    const { value, metrics = {} } = typeof found === 'number' ? { value: found } : found;
    const outcome = holding.pruned ? 'pruned' : 'complete';
    const told = await insist(
      () =>
        service.tell(job, trial, {
          attempt,
          value: Number.isFinite(value) ? value : null,
          outcome,
          metrics,
          curve: curve.filter(fitsCurve),
        }),
      signal,
    );
    if (told) onTold?.(trial, told.answer);
  } catch (error) {
    if (holding.lost.aborted) return;
    const reason = String(error instanceof Error ? error.message : error).slice(0, 2_000) || 'failed';
    await insist<unknown>(
      () =>
        signal?.aborted
          ? service.release(job, trial, attempt, 'the program was stopped')
          : service.fail(job, trial, attempt, reason),
      signal,
    );
  } finally {
    holding.end();
  }
}

/** A curve is stored in float32; the service refuses what has no finite value there. */
function fitsCurve(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

/**
 * Repeats a call until the service answers: every verb of the trial protocol may be repeated. Null: not heard before
 * `signal` aborted.
 */
async function insist<A>(call: () => Promise<A>, signal: AbortSignal | undefined): Promise<A | null> {
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(2 * wait, LAST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!mayPass(error)) throw error;
    }
    await pause(wait, signal).catch(() => {});
    if (signal?.aborted) return null;
  }
}

/** Keeps a trial ours by heartbeats while it is measured. */
class Holding {
  readonly #service: Gradsmith;
  readonly #job: string;
  readonly #asked: Asked;
  readonly #over = new AbortController();
  readonly #lost = new AbortController();
  pruned = false;

  constructor(service: Gradsmith, job: string, asked: Asked) {
    this.#service = service;
    this.#job = job;
    this.#asked = asked;
    void this.#run();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async beat(progress?: { step: number; value: number }): Promise<string> {
    const answer = await this.#ask(progress);
    if (answer === 'prune') this.pruned = true;
    if (answer === 'cancel' || answer === 'stale')
      this.#lost.abort(new Error(`the trial is ${answer === 'cancel' ? 'cancelled' : "another program's"}`));
    return answer;
  }

  end(): void {
    this.#over.abort();
  }

  /**
   * What the service says to a heartbeat. One that it does not hear is made up for by the next; the tell finds out
   * whether the trial is still ours.
   */
  async #ask(progress?: { step: number; value: number }): Promise<string> {
    const { trial, attempt, lease } = this.#asked;
    try {
      return (
        await this.#service.heartbeat(
          this.#job,
          trial,
          { attempt, lease, ...(progress && Number.isFinite(progress.value) ? { progress } : {}) },
          this.#over.signal,
        )
      ).answer;
    } catch (error) {
      if (mayPass(error)) return 'continue';
      // The job was deleted.
      if (error instanceof ApiProblem && error.code === 'not-found') return 'cancel';
      throw error;
    }
  }

  async #run(): Promise<void> {
    const every = milliseconds(this.#asked.heartbeatEvery);
    try {
      for (;;) {
        await pause(every, this.#over.signal);
        // What is refused here is refused to the tell as well, which says so.
        await this.beat().catch(() => {});
      }
    } catch {
      // Over.
    }
  }
}
