import type { TrainingObjective } from '@gradsmith/core/objective';
import type { Log } from '@gradsmith/core/ports';
import { runWorker, type RunWorkerDeps } from '@gradsmith/core/worker';
import { describeMode, type OneDnnMode } from '../backends/tensorflow/one-dnn.ts';
import { findFallbackMode, readFallbackMode, type FallbackAnswer } from './choose-one-dnn-mode.ts';
import { countThreadsPerSlot, createTrainers, type TrainersOptions } from './create-trainers.ts';
import type { StartedRuntime } from './messages.ts';
import type { Fallback, ProcessTrainer } from './process-trainer.ts';

/** The trainers of one runtime. */
interface Offer extends StartedRuntime {
  trainers: readonly ProcessTrainer[];
}

export interface WorkerTrainersOptions extends Omit<TrainersOptions, 'findFallback' | 'oneDnn'> {
  log: Log;
  /** How modes of oneDNN are probed; by default, in child processes. */
  modes?: OneDnnModes;
}

/** Finds modes of oneDNN on this machine. */
export interface OneDnnModes {
  readFallback(): OneDnnMode | undefined;
  /** Rejects when `signal` aborts. */
  findFallback(objective: TrainingObjective, signal: AbortSignal): Promise<FallbackAnswer>;
}

/**
 * The trainers of a worker: those of its runtime and, once the network of a job ended a trainer natively on it, those
 * of a fallback runtime, on which the network trains. Jobs that run on the first runtime stay on it. The fallback is
 * kept in the cache, so that the jobs that were moved to it find it again after a restart.
 */
export class WorkerTrainers {
  readonly #options: WorkerTrainersOptions;
  readonly #modes: OneDnnModes;
  readonly #trainers: ProcessTrainer[];
  #fallback: Offer | undefined;
  /** Probes run one after another, because they share the processor. */
  #probing: Promise<unknown> = Promise.resolve();
  /** Runs trials on the fallback runtime; set while the worker runs. */
  #onFallback: (fallback: Offer) => void = () => {};

  constructor(options: WorkerTrainersOptions) {
    const { cacheDir, slots } = options;
    this.#options = options;
    this.#modes = options.modes ?? {
      readFallback: () => readFallbackMode(cacheDir),
      findFallback: (objective, signal) =>
        findFallbackMode({ objective, cacheDir, threads: countThreadsPerSlot(slots) }, signal),
    };
    const findFallback = (objective: TrainingObjective, signal: AbortSignal) => this.#findFallback(objective, signal);
    this.#trainers = this.#create(options.backend === 'tensorflow' ? { findFallback } : {});
  }

  /** Starts all trainers. Returns the runtimes that the worker offers: its own, and the fallback if there is one. */
  async start(): Promise<[StartedRuntime, ...StartedRuntime[]]> {
    const [started] = await Promise.all(this.#trainers.map((trainer) => trainer.start()));
    const mode = this.#options.backend === 'tensorflow' ? this.#modes.readFallback() : undefined;
    const fallback = mode && (await this.#startFallback(mode).catch((error: unknown) => this.#warn(error)));
    return fallback ? [started!, fallback] : [started!];
  }

  /** Executes trials of every runtime until the signal aborts. */
  async run(
    deps: Omit<RunWorkerDeps, 'trainers' | 'runtime' | 'backend' | 'device'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { backend } = this.#options;
    const [started] = await this.start();
    const fallback = Promise.withResolvers<void>();
    this.#onFallback = (offer) => {
      runWorker({ ...deps, ...offer, backend }, signal).then(fallback.resolve, fallback.reject);
      deps.log.warn({ runtime: offer.runtime }, 'worker also offers a fallback runtime');
    };
    if (this.#fallback) this.#onFallback(this.#fallback);
    const own = runWorker({ ...deps, ...started, trainers: this.#trainers, backend }, signal).finally(() => {
      this.#onFallback = () => {};
      if (!this.#fallback) fallback.resolve();
    });
    await Promise.all([own, fallback.promise]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#trainers, ...(this.#fallback?.trainers ?? [])].map((trainer) => trainer.close()));
  }

  #create(options: Pick<TrainersOptions, 'findFallback' | 'oneDnn'>): ProcessTrainer[] {
    const { modes: _, ...common } = this.#options;
    return createTrainers({ ...common, ...options });
  }

  async #findFallback(objective: TrainingObjective, signal: AbortSignal): Promise<Fallback> {
    const found = this.#probing.then(() => this.#probe(objective, signal));
    this.#probing = found.catch(() => {});
    return found.catch((error: unknown) => {
      if (!signal.aborted) this.#warn(error);
      return { description: 'No other mode of oneDNN could be tried.' };
    });
  }

  async #probe(objective: TrainingObjective, signal: AbortSignal): Promise<Fallback> {
    signal.throwIfAborted();
    const answer = await this.#modes.findFallback(objective, signal);
    if (answer.kind === 'works') return { description: 'One step of its network works in the same mode of oneDNN.' };
    if (answer.kind === 'fallback') {
      const { runtime } = await this.#startFallback(answer.mode);
      return { runtime, description: `One step of its network crashes again there, and works on: ${runtime}.` };
    }
    const tried = answer.tried.length ? `One step of its network crashes, too: ${answer.tried.join('; ')}. ` : '';
    return { description: `${tried}Use the backend wasm, or unset TF_ENABLE_ONEDNN_OPTS and ONEDNN_MAX_CPU_ISA.` };
  }

  /** Starts the first trainer of the fallback, which tells its runtime. The others start with their first trial. */
  async #startFallback(oneDnn: OneDnnMode): Promise<Offer> {
    if (this.#fallback) return this.#fallback;
    const trainers = this.#create({ oneDnn });
    try {
      const offer = { ...(await trainers[0]!.start()), trainers };
      this.#options.log.warn({ mode: describeMode(oneDnn), runtime: offer.runtime }, 'fallback of oneDNN started');
      this.#fallback = offer;
      this.#onFallback(offer);
      return offer;
    } catch (error) {
      await Promise.all(trainers.map((trainer) => trainer.close()));
      throw error;
    }
  }

  #warn(error: unknown): undefined {
    this.#options.log.warn({ err: error }, 'no fallback of oneDNN');
  }
}
