import { milliseconds } from '../duration.ts';
import { LedgerUnavailable, NotFound } from '../errors.ts';
import { rungsOf } from '../job/pruning.ts';
import { objectiveOf } from '../job/search.ts';
import { isTraining, type JobSpec } from '../job/spec.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { begin, fail, heartbeat, release, tell, type AttemptRef, type Executor } from '../ledger/protocol.ts';
import type { Clock } from '../ports/clock.ts';
import type { TrialMessage } from '../ports/dispatcher.ts';
import type { Log } from '../ports/log.ts';
import type { Signals } from '../ports/signals.ts';
import { noTracer, trialSpan, type Tracer } from '../ports/tracer.ts';
import { TrainerFailed, type Trainer, type TrainingRequest } from '../ports/trainer.ts';
import type { Progress, TrialRecord } from '../trial/record.ts';
import type { TrialResult } from '../trial/result.ts';

export interface ExecutorDeps {
  ledger: Ledger;
  trainer: Trainer;
  signals: Signals;
  clock: Clock;
  log: Log;
  tracer?: Tracer | undefined;
  executor: Executor;
  leaseMs: number;
  /** Makes the UUID of an attempt. */
  newId(): string;
}

/** Heartbeats in one lease: several may be lost before it runs out. */
const BEATS_PER_LEASE = 6;

/** How soon a training is stopped that can no longer win, ms. */
const PROVEN_EVERY_MS = 1_000;

/** What became of an attempt, for logs. */
export type Executed = 'refused' | 'told' | 'stale' | 'cancelled' | 'released' | 'failed';

/**
 * Executes the trial of a message: begin, train with heartbeats, tell. The ledger is told before the message is
 * finished. While the ledger is away a result is kept and told when it is back; only the process's own end loses it.
 * `signal` aborts when the worker shuts down: the trial is then handed back as preempted.
 */
export async function executeTrial(deps: ExecutorDeps, message: TrialMessage, signal: AbortSignal): Promise<Executed> {
  const { jobId, trialId } = message;
  const { tracer = noTracer, executor } = deps;
  return tracer.span(
    'execute trial',
    { job: jobId, parent: trialSpan(trialId) },
    { 'gradsmith.trial': trialId, 'gradsmith.worker': executor.worker },
    async () => beginAndTrain(deps, message, signal),
  );
}

async function beginAndTrain(deps: ExecutorDeps, message: TrialMessage, signal: AbortSignal): Promise<Executed> {
  const { ledger } = deps;
  const ref: AttemptRef = { jobId: message.jobId, trialId: message.trialId, attemptId: deps.newId() };
  const log = { job: ref.jobId, trial: ref.trialId, attempt: ref.attemptId };
  const begun = await insist(deps, signal, () => begin(ledger, ref, deps.executor, { leaseMs: deps.leaseMs }));
  if (begun?.kind !== 'started') {
    deps.log.debug({ ...log, reason: begun?.reason }, 'trial not begun');
    return 'refused';
  }
  deps.log.info(log, 'trial begun');
  const executed = await attempt(deps, ref, begun.spec, begun.trial, signal);
  deps.log.info({ ...log, executed }, 'attempt over');
  deps.signals.publish(ref.jobId);
  return executed;
}

async function attempt(
  deps: ExecutorDeps,
  ref: AttemptRef,
  spec: JobSpec,
  trial: TrialRecord,
  signal: AbortSignal,
): Promise<Executed> {
  const stop = new AbortController();
  const rungs = rungsOf(spec);
  const beats = new Heartbeats(deps, ref, stop, {
    rungs,
    everyMs: spec.search.pruning === 'proven' ? PROVEN_EVERY_MS : Infinity,
  });
  try {
    const result = await deps.trainer.train(
      {
        key: `${ref.jobId}/${ref.trialId}`,
        objective: workOf(spec, trial),
        timeoutMs: milliseconds(spec.limits.trialTimeout),
        rungs,
      },
      {
        signal: AbortSignal.any([stop.signal, signal]),
        prune: beats.prune,
        onProgress: (progress) => beats.note(progress),
      },
    );
    return await deliver(deps, ref, result);
  } catch (error) {
    if (beats.verdict) return beats.verdict;
    if (signal.aborted) {
      await insist(deps, null, () => release(deps.ledger, ref, 'the worker was shut down'), RELEASE_MS);
      return 'released';
    }
    const final = error instanceof TrainerFailed && error.failure === 'refused';
    const reason = error instanceof Error ? error.message : String(error);
    deps.log.warn({ job: ref.jobId, trial: ref.trialId, err: error }, 'attempt failed');
    const answer = await insist(deps, signal, () => fail(deps.ledger, ref, reason, { final }));
    return answer === 'stale' ? 'stale' : 'failed';
  } finally {
    await beats.stop();
  }
}

/** What the trainer is handed: the same for every attempt at the trial. */
function workOf(spec: JobSpec, trial: TrialRecord): TrainingRequest['objective'] {
  if (isTraining(spec)) return objectiveOf(spec, trial);
  if (spec.objective.kind !== 'module')
    throw new TrainerFailed('refused', 'this objective is measured by programs outside, which ask for its trials');
  const { kind, module, options } = spec.objective;
  return { kind, module, options, params: trial.point, trial: trial.number!, seed: trial.seed };
}

async function deliver(deps: ExecutorDeps, ref: AttemptRef, result: TrialResult): Promise<Executed> {
  // Not cut short by a shutdown: a result that took an hour is worth waiting for a ledger that restarts.
  const answer = await insist(deps, null, () => tell(deps.ledger, ref, result));
  if (answer === 'conflict')
    deps.log.error({ job: ref.jobId, trial: ref.trialId }, 'another result was told under this attempt');
  return answer === 'told' || answer === 'already' ? 'told' : 'stale';
}

/** At a shutdown, how long to wait for the ledger before leaving the trial to expire, ms. */
const RELEASE_MS = 5_000;

/** Repeats a verb until the ledger answers. Every verb may be repeated. Null: given up, or the job is gone. */
async function insist<A>(
  deps: ExecutorDeps,
  signal: AbortSignal | null,
  verb: () => Promise<A>,
  boundMs = Infinity,
): Promise<A | null> {
  const start = deps.clock.monotonic();
  for (let wait = 100; ; wait = Math.min(2 * wait, 5_000)) {
    try {
      return await verb();
    } catch (error) {
      if (error instanceof NotFound) return null;
      if (!(error instanceof LedgerUnavailable)) throw error;
      if (signal?.aborted || deps.clock.monotonic() - start >= boundMs) return null;
      deps.log.warn({ err: error }, 'the ledger does not answer; what is to be told is kept');
      await deps.clock.sleep(wait, signal ?? undefined);
    }
  }
}

/** What is told and how often: each rung at once and in order, otherwise the latest progress. */
interface Pace {
  rungs: readonly number[];
  everyMs: number;
}

/** Renews the lease while the trainer works, and stops the trainer when the ledger says so. */
class Heartbeats {
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
        const answer = await heartbeat(ledger, this.#ref, rung ?? this.#progress, { leaseMs });
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
