import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { z } from 'zod';
import {
  replySchema,
  WATCHDOG_FD,
  type Answer,
  type Order,
  type Reply,
  type StartedRuntime,
  type TrainerConfig,
} from './messages.ts';

/** How a trainer process ended. */
export interface Exit {
  /** Resident bytes, where the watchdog ended the process for using too many. */
  memory?: number;
  /** The signal that ended it, if one did. */
  signal?: NodeJS.Signals;
  /** For people: signal or exit code, and the end of what it wrote to its error stream. */
  description: string;
}

/** What a request is answered by; `exit` where the process ended instead. */
type Listener = (reply: Answer | { type: 'exit'; exit: Exit }) => void;

const KEPT_ERROR_TEXT = 2000;

/**
 * Bounds the young generation, in MiB, to what it has after ten trials. Left alone it doubles over some hundred, though
 * the garbage of a step, handles of tensors, stays the same. The old generation is collected between trainings: see
 * `serve`.
 */
const V8_OPTIONS = ['--max-semi-space-size=8', '--expose-gc'];

/** One trainer process, from its start to its end. */
export class TrainerProcess {
  /** Rejects if the process ends before it is ready. */
  readonly ready: Promise<StartedRuntime>;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #listener: Listener = () => {};
  /** Of the latest request. */
  #id = 0;
  /** What the process said before it ended because its backend could not start. */
  #unable: string | undefined;

  constructor(entry: string, config: TrainerConfig, warn: (message: string) => void) {
    this.#child = spawn(process.execPath, [...V8_OPTIONS, entry, JSON.stringify(config)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      // Compiled code is kept from one trainer to the next: compiling is a third of a start. Node goes without where it
      // cannot write.
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
   * Sends a request; replies, and the end of the process, go to the latest listener. Through `exited`, which is settled
   * last of all, whoever waits for the answer to one request would be kept as long as the process.
   */
  send(request: Exclude<Order, { prune: number }>, listener: Listener): void {
    this.#listener = listener;
    this.#id = request.id;
    this.#child.send(request, () => {});
  }

  /**
   * A message that is no reply fails the training under way, which would end with it again; it must not harm the
   * parent.
   */
  #understood(message: unknown): Reply {
    const reply = replySchema.safeParse(message);
    if (reply.success) return reply.data;
    const [{ path, message: problem }] = reply.error.issues as [z.core.$ZodIssue];
    return {
      type: 'failed',
      id: this.#id,
      refused: true,
      message: `The trainer process said what it must not: ${path.join('.')} ${problem}`,
    };
  }

  /** Ends the training of a request early; its result comes as ever. */
  prune(id: number): void {
    this.#child.send({ prune: id } satisfies Order, () => {});
  }

  /** Ends the process at once, whatever it does. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#listener = () => {};
    this.#child.kill('SIGKILL');
    await this.exited;
  }
}

/** Watches a child whose third stream is its errors and whose fifth is the watchdog's pipe. */
export function watchExit(child: ChildProcess): Promise<Exit> {
  let errors = '';
  let memory: number | undefined;
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-KEPT_ERROR_TEXT)));
  const watchdog = child.stdio[WATCHDOG_FD] as Socket;
  watchdog
    .setEncoding('utf8')
    .on('data', (text: string) => (memory = Number(text.split(' ')[1])))
    .on('error', () => {});
  return new Promise((resolve) => {
    const settle = (how: string, signal?: NodeJS.Signals) =>
      resolve({ memory, signal, description: errors ? `${how}\n${errors.trim()}` : how });
    child.once('error', (error) => settle(error.message));
    // `close` comes after `exit`, when everything the process wrote has been read.
    child.once('close', (code, signal) => {
      if (signal) settle(`ended by ${signal}`, signal);
      else settle(`ended with code ${code}`);
    });
  });
}
