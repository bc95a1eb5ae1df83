import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { accessSync, constants } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A redis-server process of its own, with its own port and folder, that can be killed and started again. */
export class RedisServer {
  readonly port: number;
  readonly folder: string;
  readonly #binary: string;
  readonly #settings: readonly string[];
  #process: ChildProcess | null = null;

  private constructor(binary: string, port: number, folder: string, settings: readonly string[]) {
    this.#binary = binary;
    this.port = port;
    this.folder = folder;
    this.#settings = settings;
  }

  /** Starts one that syncs its log before each reply; `settings` come after and override, as `--name value`. */
  static async start(binary: string, settings: readonly string[] = [], folder = mkdtempSync(join(tmpdir(), 'gradsmith-redis-'))): Promise<RedisServer> {
    const server = new RedisServer(binary, await freePort(), folder, settings);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  /** The append-only file that is being written. */
  get logFile(): string {
    const folder = join(this.folder, 'appendonlydir');
    const names = readdirSync(folder).filter((name) => name.endsWith('.incr.aof'));
    return join(folder, names.sort().at(-1)!);
  }

  /** Starts the process on the same port and folder and waits until it has loaded its data. */
  async start(): Promise<void> {
    const child = spawn(this.#binary, [
      '--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', '',
      '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction',
      '--logfile', join(this.folder, 'redis.log'), ...this.#settings,
    ], { stdio: 'ignore' });
    this.#process = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    const deadline = performance.now() + START_MS;
    while (!(await pings(this.port))) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error(`redis-server did not start:\n${this.readLog()}`);
      await sleep(10);
    }
  }

  /** Ends the process at once, as a crash would, and waits for its end. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops and continues the process with SIGSTOP and SIGCONT: it keeps its connections and answers nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends the process and removes its folder. */
  async stop(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  readLog(): string {
    try {
      return readFileSync(join(this.folder, 'redis.log'), 'utf8');
    } catch {
      return '(no log)';
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

const START_MS = 20_000;

/** What is still running when this process ends is ended with it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The path of an executable, or null where the PATH has none. */
export function findOnPath(name: string, path: string): string | null {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this one.
    }
  }
  return null;
}

/** A port nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function pings(port: number): Promise<boolean> {
  const socket = new Socket();
  try {
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    return reply.toString().startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
