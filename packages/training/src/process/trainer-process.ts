import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { z } from 'zod';
import {
  replySchema,
  type Answer,
  type Order,
  type Reply,
  type StartedRuntime,
  type TrainerConfig,
} from './messages.ts';
import { WATCHDOG_FD } from './watchdog-fd.ts';

/** How a trainer process exited. */
export interface Exit {
  /** Resident bytes, if the watchdog killed the process for its memory. */
  memory?: number;
  /** The signal that killed it, if any. */
  signal?: NodeJS.Signals;
  /** For display: signal or exit code, and the end of its error stream. */
  description: string;
}

/** The reply to a request, or `exit` if the process exited instead. */
type Listener = (reply: Answer | { type: 'exit'; exit: Exit }) => void;

const KEPT_ERROR_TEXT = 2000;
/** How long the output of a process that has exited is read, ms. */
const READ_OUTPUT_MS = 1000;

/**
 * Limit of the young generation in MiB: its size after ten trials. Without a limit it doubles over a few hundred
 * trials, although each step creates the same garbage (handles of tensors). `serve` collects the old generation between
 * trainings.
 */
const V8_OPTIONS = ['--max-semi-space-size=8', '--expose-gc'];

/** One trainer process, from start to exit. */
export class TrainerProcess {
  /** Rejects if the process exits before it is ready. */
  readonly ready: Promise<StartedRuntime>;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #listener: Listener = () => {};
  /** Listener of the latest request. */
  #id = 0;
  /** The error that the process reported because its backend could not start. */
  #unable: string | undefined;

  constructor(entry: string, config: TrainerConfig, warn: (message: string) => void) {
    this.#child = spawn(process.execPath, [...V8_OPTIONS, entry, JSON.stringify(config)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      // Caches compiled code from one trainer to the next: compilation takes a third of a start. Node works without
      // the cache if it is not writable.
      // oxlint-disable-next-line node/no-process-env -- handed on, never read
      env: { ...process.env, NODE_COMPILE_CACHE: join(config.cacheDir, 'compiled') },
    });
    this.exited = watchExit(this.#child).then((exit) =>
      this.#unable === undefined ? exit : { description: `could not start: ${this.#unable}` },
    );
    void this.exited.then((exit) => this.#listener({ type: 'exit', exit }));
    this.ready = new Promise((resolve, reject) => {
      this.#child.on('message', (message) => {
        const reply = this.#understood(message);
        if (reply.type === 'ready') resolve({ runtime: reply.runtime, device: reply.device });
        else if (reply.type === 'unable') this.#unable = reply.message;
        else if (reply.type === 'warning') warn(reply.message);
        else this.#listener(reply);
      });
      void this.exited.then(({ description }) =>
        reject(new Error(`The trainer process did not start: ${this.#unable ?? description}`)),
      );
    });
    this.ready.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Sends a request. Replies and the exit of the process go to the latest listener. A listener on `exited` would
   * instead keep every caller in memory as long as the process lives.
   */
  send(request: Exclude<Order, { prune: number }>, listener: Listener): void {
    this.#listener = listener;
    this.#id = request.id;
    this.#child.send?.(request, () => {});
  }

  /** An invalid message fails the current training, whose process is killed. It must not harm the parent. */
  #understood(message: unknown): Reply {
    const reply = replySchema.safeParse(message);
    if (reply.success) return reply.data;
    const [{ path, message: problem }] = reply.error.issues as [z.core.$ZodIssue];
    return {
      type: 'failed',
      id: this.#id,
      refused: true,
      code: 'invalid-message',
      message: `The trainer process said what it must not: ${path.join('.')} ${problem}`,
    };
  }

  /** Prunes the training of a request; its result arrives as usual. */
  prune(id: number): void {
    this.#child.send?.({ prune: id } satisfies Order, () => {});
  }

  /** Kills the process. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#listener = () => {};
    this.#child.kill('SIGKILL');
    await this.exited;
  }
}

/**
 * Watches a child: its third stream carries errors, its fifth is the watchdog's pipe. If no file can be opened to start
 * it, it has no streams, and only an error event says so. Resolves at most `READ_OUTPUT_MS` after the exit.
 */
export function watchExit(child: Pick<ChildProcess, 'once'> & Partial<ChildProcess>): Promise<Exit> {
  let errors = '';
  let memory: number | undefined;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-KEPT_ERROR_TEXT)));
  const watchdog = child.stdio?.[WATCHDOG_FD] as Socket | undefined;
  watchdog
    ?.setEncoding('utf8')
    .on('data', (text: string) => (memory = Number(text.split(' ')[1])))
    .on('error', () => {});
  return new Promise((resolve) => {
    const settle = (how: string, signal?: NodeJS.Signals) =>
      resolve({ memory, signal, description: errors ? `${how}\n${errors.trim()}` : how });
    const settleByExit = (code: number | null, signal: NodeJS.Signals | null) => {
      if (signal) settle(`was killed by ${signal}`, signal);
      else settle(`exited with code ${code}`);
    };
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) => {
      // A process that it left can keep its pipes open for any time.
      const timer = setTimeout(() => {
        closePipes(child);
        settleByExit(code, signal);
      }, READ_OUTPUT_MS);
      // `close` follows `exit`, after all output of the process was read.
      child.once('close', () => {
        clearTimeout(timer);
        settleByExit(code, signal);
      });
    });
  });
}

function closePipes(child: Partial<ChildProcess>): void {
  for (const stream of child.stdio ?? []) stream?.destroy();
  if (child.connected) child.disconnect?.();
}
