import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killMarkedProcesses, RUN_MARKER } from '../process/kill-marked-processes.ts';
import { watchExit, type Exit } from '../process/trainer-process.ts';
import { replySchema, type End, type ModuleConfig, type Order } from './messages.ts';

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

/**
 * One process and everything that it starts. It leads a process group. Its environment carries a marker to find
 * descendants that left the group.
 */
export class ModuleProcess {
  readonly answered: Promise<End>;
  readonly exited: Promise<Exit>;
  /** Receives the reports of the module. */
  onProgress: (step: number, value: number) => void = () => {};
  readonly #run = randomUUID();
  readonly #child;

  /** `memoryLimit` in resident bytes. */
  constructor(memoryLimit: number) {
    this.#child = spawn(
      process.execPath,
      [ENTRY, JSON.stringify({ memoryLimit, run: this.#run } satisfies ModuleConfig)],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
        detached: true,
        // oxlint-disable-next-line node/no-process-env -- handed on, never read
        env: { ...process.env, ...createCompiledFolder(), [RUN_MARKER]: this.#run },
      },
    );
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
        else if (reply.data.type === 'progress') this.onProgress(reply.data.step, reply.data.value);
        else resolve(reply.data);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isAlive(): boolean {
    return this.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  send(order: Order): void {
    (this.#child as ChildProcess).send?.(order, () => {}); // A process that could not be started has no channel.
  }

  /** Kills the process and what it has started. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.isAlive) this.#killGroup();
    await this.exited;
  }

  #killGroup(): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch (error) {
      // ESRCH: the group is gone. EPERM: only processes of other users are left in it, which this one may not kill.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ESRCH' && code !== 'EPERM') throw error;
    }
  }
}
