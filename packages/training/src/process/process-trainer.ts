import { fileURLToPath } from 'node:url';
import { type TrialResult } from '@gradsmith/core/domain';
import type { TrainingObjective } from '@gradsmith/core/objective';
import {
  TrainerFailed,
  type Log,
  type Trainer,
  type TrainerFailure,
  type TrainingHooks,
  type TrainingRequest,
} from '@gradsmith/core/ports';
import { Bounds, formatMebibytes } from './bounds.ts';
import { measureMemory } from './measure-memory.ts';
import type { Answer, StartedRuntime, TrainerConfig } from './messages.ts';
import { TrainerProcess, type Exit } from './trainer-process.ts';

export interface ProcessTrainerOptions extends Omit<TrainerConfig, 'memoryLimit'> {
  /** Resident bytes that a trainer process may use; by default 4 GiB. */
  memoryLimit?: number;
  /** A process without a message for this time counts as hung; by default 5 minutes. Must exceed the longest step. */
  silenceMs?: number;
  /** The program of the trainer process; by default the one of this package. */
  entry?: string;
  /** Receives warnings of trainer processes. */
  log?: Log | undefined;
  /** Called when a training has crashed its process natively, to find a runtime on which it works, until `signal`. */
  findFallback?: ((objective: TrainingObjective, signal: AbortSignal) => Promise<Fallback>) | undefined;
}

export interface Fallback {
  /** A runtime of this machine on which the training works, if one was found. */
  runtime?: string | undefined;
  /** What was tried, for display. */
  description: string;
}

/** Signals of a process that a native library crashed. */
const NATIVE_SIGNALS: readonly (NodeJS.Signals | undefined)[] = ['SIGFPE', 'SIGSEGV', 'SIGILL', 'SIGBUS', 'SIGABRT'];

/**
 * Trains in a child process, one training at a time. The process is reused. It is killed when a training is cancelled,
 * too slow, too large or silent, and replaced at the next training.
 */
export class ProcessTrainer implements Trainer {
  readonly #config: TrainerConfig;
  readonly #entry: string;
  readonly #silenceMs: number;
  readonly #log: Log | undefined;
  readonly #findFallback: ProcessTrainerOptions['findFallback'];
  #process: TrainerProcess | undefined;
  #busy = false;
  #closed = false;
  #id = 0;

  constructor(options: ProcessTrainerOptions) {
    const { silenceMs = 300_000, memoryLimit = 4 * 2 ** 30, entry, log, findFallback, ...config } = options;
    this.#config = { ...config, memoryLimit };
    this.#silenceMs = silenceMs;
    this.#log = log;
    this.#findFallback = findFallback;
    this.#entry = entry ?? fileURLToPath(new URL('./trainer-child.ts', import.meta.url));
  }

  /**
   * Starts the process if none runs.
   *
   * @throws Error if the backend cannot start
   */
  async start(): Promise<StartedRuntime> {
    return this.#current().ready;
  }

  /** The id of the running process, for display and tests. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async train(request: TrainingRequest, hooks: TrainingHooks): Promise<TrialResult> {
    if (this.#busy || this.#closed) throw new Error(`this trainer is ${this.#closed ? 'closed' : 'busy'}`);
    this.#busy = true;
    try {
      return await this.#trainIn(this.#current(), request, hooks);
    } finally {
      this.#busy = false;
    }
  }

  async measureMemory(): Promise<number | null> {
    return measureMemory(this.pid);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#process?.kill();
  }

  #current(): TrainerProcess {
    if (this.#process) return this.#process;
    const started = new TrainerProcess(this.#entry, this.#config, (message) =>
      this.#log?.warn({ pid: started.pid }, message),
    );
    this.#process = started;
    void started.exited.then(() => {
      if (this.#process === started) this.#process = undefined;
    });
    return started;
  }

  async #trainIn(child: TrainerProcess, request: TrainingRequest, hooks: TrainingHooks): Promise<TrialResult> {
    const id = ++this.#id;
    const { key, objective, timeoutMs, rungs = [] } = request;
    if (objective.kind !== 'training')
      throw new TrainerFailed('refused', 'This trainer trains networks and runs no modules.');
    using bounds = new Bounds();
    const stopped = bounds.stopped(hooks.signal, { timeoutMs, silenceMs: this.#silenceMs, what: 'training' });
    const answered = new Promise<Exclude<Answer, { type: 'progress' }> | { type: 'exit'; exit: Exit }>((resolve) => {
      child.send({ id, key, objective, rungs: [...rungs] }, (reply) => {
        bounds.heard();
        if (reply.type === 'exit') return resolve(reply);
        if (reply.id !== id) return;
        if (reply.type === 'progress') {
          const { step, partialSum, value } = reply;
          hooks.onProgress(value === undefined ? { step, partialSum } : { step, partialSum, value });
        } else resolve(reply);
      });
    });

    bounds.onAbort(hooks.prune, () => child.prune(id));
    const end = await Promise.race([answered, stopped]);
    switch (end.type) {
      case 'result':
        return end.result;
      case 'failed':
        throw new TrainerFailed(chooseFailure(end), end.message);
      case 'stopped':
        await child.kill();
        throw new TrainerFailed(end.failure, end.message);
      case 'exit':
        if (end.exit.memory === undefined)
          throw await this.#explainCrash(child, end.exit, { objective, signal: hooks.signal, bounds });
        throw new TrainerFailed(
          'memory',
          `The trainer process used ${formatMebibytes(end.exit.memory)} of memory, allowed are ` +
            `${formatMebibytes(this.#config.memoryLimit)}.`,
        );
    }
  }

  /** Describes what crashed the process; if a native library did, also what was tried until the signal aborted. */
  async #explainCrash(
    child: TrainerProcess,
    exit: Exit,
    { objective, signal, bounds }: { objective: TrainingObjective; signal: AbortSignal; bounds: Bounds },
  ): Promise<TrainerFailed> {
    const text = `The trainer process ${exit.description}`;
    if (!this.#findFallback || !NATIVE_SIGNALS.includes(exit.signal)) return new TrainerFailed('crashed', text);
    const { runtime } = await child.ready.catch(() => ({ runtime: 'before it was ready' }));
    const aborted = new Promise<null>((resolve) => bounds.onAbort(signal, () => resolve(null)));
    const fallback = await Promise.race([aborted, this.#findFallback(objective, signal)]);
    if (!fallback) return new TrainerFailed('cancelled', `${text}\nThe training was cancelled.`);
    const message = `${text}\nIt ran on: ${runtime}. ${fallback.description}`;
    return new TrainerFailed('crashed', message, { fallbackRuntime: fallback.runtime });
  }
}

/** A data set that is missing, damaged or another one than the objective says: other machines have their own. */
function chooseFailure({ code, refused }: Extract<Answer, { type: 'failed' }>): TrainerFailure {
  if (code.startsWith('data-set-')) return 'no-data';
  return refused ? 'refused' : 'crashed';
}
