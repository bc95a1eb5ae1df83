import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeCurve, fitsCurve, LONGEST_CURVE, type TrialResult } from '@gradsmith/core/domain';
import {
  TrainerFailed,
  type ModuleCall,
  type Trainer,
  type TrainingHooks,
  type TrainingRequest,
} from '@gradsmith/core/ports';
import { Bounds, formatMebibytes } from '../process/bounds.ts';
import { killMarkedProcesses, RUN_MARKER } from '../process/kill-marked-processes.ts';
import { measureMemory } from '../process/measure-memory.ts';
import { watchExit, type Exit } from '../process/trainer-process.ts';
import { replySchema, type End, type Order } from './messages.ts';

export interface ModuleTrainerOptions {
  /** Files that may run, by the names that jobs use. See `listModules`. */
  modules: ReadonlyMap<string, string>;
  /** Resident bytes that a module's process may use; by default 4 GiB. */
  memoryLimit?: number;
}

const ENTRY = fileURLToPath(new URL('./module-child.ts', import.meta.url));
/**
 * Variables with a folder for compiled code, without which half of the start of a module's process is compilation. The
 * folder belongs to this process, which removes it when it exits. Without a folder for temporary files, modules start
 * more slowly.
 */
const createCompiledFolder = rememberFirst((): NodeJS.ProcessEnv => {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'gradsmith-compiled-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    return { NODE_COMPILE_CACHE: folder };
  } catch {
    return {};
  }
});

function rememberFirst<T>(compute: () => T): () => T {
  let answer: { value: T } | undefined;
  return () => (answer ??= { value: compute() }).value;
}

/** Runs listed modules, one call at a time. Each call has a fresh process, which is killed when the call finishes. */
export class ModuleTrainer implements Trainer {
  readonly #modules: ReadonlyMap<string, string>;
  readonly #memoryLimit: number;
  #process: ModuleProcess | undefined;
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
    await this.#process?.kill();
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
    const child = new ModuleProcess(this.#memoryLimit, (step, value) => {
      if (curve.length < LONGEST_CURVE && fitsCurve(value)) curve.push(value);
      hooks.onProgress({ step, value });
    });
    this.#process = child;
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

/**
 * One process and everything that it starts. It leads a process group. Its environment carries a marker to find
 * descendants that left the group.
 */
class ModuleProcess {
  readonly answered: Promise<End>;
  readonly exited: Promise<Exit>;
  readonly #run = randomUUID();
  readonly #child;

  constructor(memoryLimit: number, onProgress: (step: number, value: number) => void) {
    this.#child = spawn(process.execPath, [ENTRY, JSON.stringify({ memoryLimit, run: this.#run })], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      detached: true,
      // oxlint-disable-next-line node/no-process-env -- handed on, never read
      env: { ...process.env, ...createCompiledFolder(), [RUN_MARKER]: this.#run },
    });
    // Remaining descendants would use resources and keep its error stream open.
    this.#child.once('exit', () => {
      this.#killGroup();
      killMarkedProcesses(this.#run);
    });
    this.exited = watchExit(this.#child);
    this.answered = new Promise((resolve) => {
      this.#child.on('message', (message) => {
        // The module can also send on this channel, so an invalid message must not harm the worker.
        const reply = replySchema.safeParse(message);
        if (!reply.success)
          resolve({
            type: 'failed',
            refused: true,
            message: 'The module sent messages on the channel of its process.',
          });
        else if (reply.data.type === 'progress') onProgress(reply.data.step, reply.data.value);
        else resolve(reply.data);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(order: Order): void {
    this.#child.send(order, () => {});
  }

  /** Kills the process and what it has started. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#killGroup();
    await this.exited;
  }

  #killGroup(): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
