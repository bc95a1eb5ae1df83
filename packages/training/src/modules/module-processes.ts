import { ModuleProcess } from './module-process.ts';

/** How long a started process, which has about 50 MiB of memory, waits for its trial, ms. */
const WAITS_MS = 10_000;

/** The processes for the calls of modules. Trainers of the same module share those that were started ahead. */
export class ModuleProcesses {
  /** Resident bytes that a process may use. */
  readonly memoryLimit: number;
  /** Processes that wait for a call, the oldest first. */
  readonly #waiting = new Map<ModuleProcess, NodeJS.Timeout>();
  #closed = false;

  /** By default, a process may use 4 GiB. */
  constructor(memoryLimit = 4 * 2 ** 30) {
    this.memoryLimit = memoryLimit;
  }

  /** Returns a process for one call: one that waits, or a new one. */
  take(): ModuleProcess {
    for (const [waiting, timer] of this.#waiting) {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
      if (waiting.isAlive) return waiting;
    }
    return new ModuleProcess(this.memoryLimit);
  }

  /** Starts a process ahead. It ends if no call takes it. */
  startAhead(): void {
    if (this.#closed) return;
    let started: ModuleProcess;
    try {
      started = new ModuleProcess(this.memoryLimit);
    } catch {
      return; // If no process can be started now, the next call starts one or fails.
    }
    this.#waiting.set(started, setTimeout(() => void this.#end(started), WAITS_MS).unref());
  }

  /** Ends the processes that wait, and starts none ahead any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#waiting.keys()].map(async (waiting) => this.#end(waiting)));
  }

  async #end(waiting: ModuleProcess): Promise<void> {
    clearTimeout(this.#waiting.get(waiting));
    this.#waiting.delete(waiting);
    await waiting.kill();
  }
}
