import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Launched, Launcher } from './launch.ts';

const START_MS = 20_000;
/** Time for the answer of a server that has started, ms. */
const ANSWER_MS = 1_000;
/** Ports that are tried. */
const MOST_PORTS = 5;

/** A redis-server for one test with its own port and folder, which can be killed, frozen and restarted. */
export class RedisServer {
  readonly port: number;
  readonly folder: string;
  readonly #launch: Launcher;
  readonly #settings: readonly string[];
  #running: Launched | null = null;

  private constructor(launch: Launcher, port: number, folder: string, settings: readonly string[]) {
    this.#launch = launch;
    this.port = port;
    this.folder = folder;
    this.#settings = settings;
  }

  /** Starts one that syncs its log before each reply; `settings` (`--name value …`) come after that and override it. */
  static async start(
    launch: Launcher,
    settings: readonly string[] = [],
    folder = mkdtempSync(join(tmpdir(), 'gradsmith-redis-')),
  ): Promise<RedisServer> {
    for (let tries = 1; ; tries++) {
      const server = new RedisServer(launch, await freePort(), folder, settings);
      try {
        await server.start();
        return server;
      } catch (error) {
        // Another process may take the port before this one listens at it.
        if (tries === MOST_PORTS || !String(error).includes('Address already in use')) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    const pid = this.#running?.pid ?? null;
    if (pid === null) throw new Error('this redis-server is not running, or runs in a container');
    return pid;
  }

  /** Whether it runs in a container, in which each start takes about a second. */
  get inContainer(): boolean {
    return this.#launch.container;
  }

  /** The append-only file that is being written. */
  get logFile(): string {
    const folder = join(this.folder, 'appendonlydir');
    const names = readdirSync(folder).filter((name) => name.endsWith('.incr.aof'));
    return join(folder, names.sort().at(-1)!);
  }

  /** Starts it on the same port and folder and waits until it has loaded its data. */
  async start(): Promise<void> {
    const logged = this.readLog().length;
    const isReady = (): boolean => this.readLog().slice(logged).includes('Ready to accept connections');
    const running = this.#launch.start(
      [
        '--port',
        String(this.port),
        '--bind',
        '127.0.0.1',
        '--dir',
        this.folder,
        '--save',
        '',
        '--appendonly',
        'yes',
        '--appendfsync',
        'always',
        '--maxmemory-policy',
        'noeviction',
        '--logfile',
        join(this.folder, 'redis.log'),
        ...this.#settings,
      ],
      this.folder,
    );
    this.#running = running;
    const deadline = performance.now() + START_MS;
    // Another server that has this port would answer, too.
    while (!((await this.#answers()) && isReady())) {
      if (running.hasExited() || performance.now() > deadline)
        throw new Error(`redis-server did not start:\n${this.readLog()}`);
      await sleep(5);
    }
  }

  /** Kills it and waits until it has exited. */
  async kill(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (!running || running.hasExited()) return;
    await running.signal('SIGKILL');
    await running.exited;
  }

  /** Whether it has exited on its own, such as after an error of its disk. */
  get hasExited(): boolean {
    return this.#running?.hasExited() ?? true;
  }

  /** Suspends it: it keeps its connections but answers nothing, until `thaw`. */
  async freeze(): Promise<void> {
    await this.#running!.signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    await this.#running!.signal('SIGCONT');
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Sends one command as plain words and returns the reply as it comes, such as `+OK`. */
  async command(...words: string[]): Promise<string> {
    return this.#send(words);
  }

  async #send(words: readonly string[], signal?: AbortSignal): Promise<string> {
    const socket = new Socket();
    try {
      socket.connect(this.port, '127.0.0.1');
      await once(socket, 'connect', { signal });
      socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
      const [reply] = (await once(socket, 'data', { signal })) as [Buffer];
      return reply.toString();
    } finally {
      socket.destroy();
    }
  }

  readLog(): string {
    try {
      return readFileSync(join(this.folder, 'redis.log'), 'utf8');
    } catch {
      // Nothing is logged yet.
      return '';
    }
  }

  async #answers(): Promise<boolean> {
    try {
      // A password must be sent first.
      return /^\+PONG|^-NOAUTH/.test(await this.#send(['PING'], AbortSignal.timeout(ANSWER_MS)));
    } catch {
      return false;
    }
  }
}

/** Returns a free port. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
