import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { encodeCurve, fitsCurve, LONGEST_CURVE, type TrialResult } from '@gradsmith/core/domain';
import {
  TrainerFailed,
  type ModuleCall,
  type Trainer,
  type TrainingHooks,
  type TrainingRequest,
} from '@gradsmith/core/ports';
import { Bounds, formatMebibytes } from '../process/bounds.ts';
import { measureMemory } from '../process/measure-memory.ts';
import { ModuleProcess } from './module-process.ts';

export interface ModuleTrainerOptions {
  /** Files that may run, by the names that jobs use. See `listModules`. */
  modules: ReadonlyMap<string, string>;
  /** Resident bytes that a module's process may use; by default 4 GiB. */
  memoryLimit?: number;
}

/**
 * Starting a process takes long on a busy machine. So the process of the next trial starts during a trial that takes
 * longer than this, ms.
 */
const SPARE_AFTER_MS = 200;
/** How long a started process, which has about 50 MiB of memory, waits for its trial, ms. */
const SPARE_FOR_MS = 10_000;

/**
 * Runs listed modules, one call at a time. Each call has a fresh process, which is killed when the call finishes. It
 * may have been started before the call.
 */
export class ModuleTrainer implements Trainer {
  readonly #modules: ReadonlyMap<string, string>;
  readonly #memoryLimit: number;
  #process: ModuleProcess | undefined;
  #spare: ModuleProcess | undefined;
  #spareTimer: NodeJS.Timeout | undefined;
  #busy = false;
  #closed = false;

  constructor({ modules, memoryLimit = 4 * 2 ** 30 }: ModuleTrainerOptions) {
    this.#modules = modules;
    this.#memoryLimit = memoryLimit;
  }

  /** The id of the running process, for display and tests. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async train({ objective, timeoutMs }: TrainingRequest, hooks: TrainingHooks): Promise<TrialResult> {
    if (this.#busy || this.#closed) throw new Error(`this trainer is ${this.#closed ? 'closed' : 'busy'}`);
    if (objective.kind !== 'module')
      throw new TrainerFailed('refused', 'This trainer runs modules and trains no networks.');
    const file = this.#modules.get(objective.module);
    if (file === undefined)
      throw new TrainerFailed(
        'refused',
        `The module ${objective.module} is not among those of this worker: ${[...this.#modules.keys()].join(', ')}`,
      );
    this.#busy = true;
    try {
      return await this.#call(file, objective, timeoutMs, hooks);
    } finally {
      if (!this.#spare) clearTimeout(this.#spareTimer);
      await this.#process?.kill();
      this.#process = undefined;
      this.#busy = false;
    }
  }

  async measureMemory(): Promise<number | null> {
    return measureMemory(this.pid);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#process?.kill(), this.#dropSpare()]);
  }

  /** Takes the process that waits, or starts one. */
  #takeProcess(): ModuleProcess {
    const spare = this.#spare;
    this.#spare = undefined;
    clearTimeout(this.#spareTimer);
    this.#spareTimer = setTimeout(() => this.#startSpare(), SPARE_AFTER_MS).unref();
    return spare?.isAlive ? spare : new ModuleProcess(this.#memoryLimit);
  }

  #startSpare(): void {
    if (this.#closed) return;
    try {
      this.#spare = new ModuleProcess(this.#memoryLimit);
    } catch {
      return; // If no process can be started now, the next trial starts one or fails.
    }
    this.#spareTimer = setTimeout(() => void this.#dropSpare(), SPARE_FOR_MS).unref();
  }

  async #dropSpare(): Promise<void> {
    clearTimeout(this.#spareTimer);
    const spare = this.#spare;
    this.#spare = undefined;
    await spare?.kill();
  }

  async #call(
    file: string,
    { module, params, trial, seed, options }: ModuleCall,
    timeoutMs: number,
    hooks: TrainingHooks,
  ): Promise<TrialResult> {
    const moduleSha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    const curve: number[] = [];
    if (this.#closed) throw new TrainerFailed('cancelled', 'The trainer was closed.');
    const child = this.#takeProcess();
    this.#process = child;
    child.onProgress = (step, value) => {
      if (curve.length < LONGEST_CURVE && fitsCurve(value)) curve.push(value);
      hooks.onProgress({ step, value });
    };
    child.send({ type: 'call', file, params, trial, seed, options });
    using bounds = new Bounds();
    bounds.onAbort(hooks.prune, () => child.send({ type: 'prune' }));
    const stopped = bounds.stopped(hooks.signal, { timeoutMs, what: 'module' });
    const end = await Promise.race([
      child.answered,
      stopped,
      child.exited.then((exit) => ({ type: 'exit' as const, exit })),
    ]);
    switch (end.type) {
      case 'result':
        return {
          ...end.found,
          outcome: end.outcome,
          curve: encodeCurve(curve),
          provenance: { module, moduleSha256, node: process.version, seed },
        };
      case 'failed':
        throw new TrainerFailed(end.refused ? 'refused' : 'crashed', end.message);
      case 'stopped':
        throw new TrainerFailed(end.failure, end.message);
      case 'exit':
        if (end.exit.memory === undefined)
          throw new TrainerFailed('crashed', `The module's process ${end.exit.description}`);
        throw new TrainerFailed(
          'memory',
          `The module's process used ${formatMebibytes(end.exit.memory)} of memory, allowed are ` +
            `${formatMebibytes(this.#memoryLimit)}.`,
        );
    }
  }
}
