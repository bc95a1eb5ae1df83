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
import { resultSchema } from './messages.ts';
import type { ModuleProcess } from './module-process.ts';
import { ModuleProcesses } from './module-processes.ts';

export interface ModuleTrainerOptions {
  /** Files that may run, by the names that jobs use. See `listModules`. */
  modules: ReadonlyMap<string, string>;
  /** Where the calls get their processes; by default its own. */
  processes?: ModuleProcesses;
}

/**
 * Starting a process takes long on a busy machine. So the process of the next trial starts during a trial that takes
 * longer than this, ms.
 */
const START_AHEAD_AFTER_MS = 200;

const NO_RESULT = 'The module returned neither a finite number nor { value, metrics, outcome } with finite numbers';

/**
 * Runs listed modules, one call at a time. Each call has a fresh process, which is killed when the call finishes. It
 * may have been started before the call.
 */
export class ModuleTrainer implements Trainer {
  readonly #modules: ReadonlyMap<string, string>;
  readonly #processes: ModuleProcesses;
  #process: ModuleProcess | undefined;
  #busy = false;
  #closed = false;

  constructor({ modules, processes = new ModuleProcesses() }: ModuleTrainerOptions) {
    this.#modules = modules;
    this.#processes = processes;
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
    const startAhead = setTimeout(() => this.#processes.startAhead(), START_AHEAD_AFTER_MS);
    try {
      return await this.#call(file, objective, timeoutMs, hooks);
    } finally {
      clearTimeout(startAhead);
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
    await Promise.all([this.#process?.kill(), this.#processes.close()]);
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
    const child = this.#processes.take();
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
      case 'returned': {
        const result = resultSchema.safeParse(end.result);
        if (!result.success)
          throw new TrainerFailed('refused', `${NO_RESULT}${end.shown ? `, but ${end.shown}` : ''}.`);
        const provenance = { module, moduleSha256, node: process.version, seed };
        return { ...result.data, curve: encodeCurve(curve), provenance };
      }
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
            `${formatMebibytes(this.#processes.memoryLimit)}.`,
        );
    }
  }
}

/** Creates the trainers of a module's slots, which share the processes that were started ahead. */
export function createModuleTrainers(modules: ReadonlyMap<string, string>, slots: number): ModuleTrainer[] {
  const processes = new ModuleProcesses();
  return Array.from({ length: slots }, () => new ModuleTrainer({ modules, processes }));
}
