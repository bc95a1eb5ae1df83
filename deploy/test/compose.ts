import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;

/** The whole service in containers, with its own project name and port. */
export class Deployment {
  readonly #env: NodeJS.ProcessEnv;
  readonly project = `gradsmith-test-${process.pid}`;
  readonly url: string;

  constructor(port: number, env: Record<string, string>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#env = { ...process.env, COMPOSE_PROJECT_NAME: this.project, GRADSMITH_PORT: String(port), ...env };
  }

  /** Settings of the commands that follow. */
  set(env: Record<string, string>): void {
    Object.assign(this.#env, env);
  }

  /**
   * Runs a command of `deploy/`. @throws Error with the end of what it printed, because a failed build explains itself
   * there
   */
  async command(name: 'compose' | 'backup' | 'restore' | 'roll' | 'fetch-wheel', ...args: string[]): Promise<string> {
    try {
      return (await run(`deploy/${name}`, args, { cwd: root, env: this.#env, maxBuffer: 64 * 1024 * 1024 })).stdout;
    } catch (error) {
      const { message, stdout = '' } = error as Error & { stdout?: string };
      throw new Error(`${message}\n${stdout.slice(-4_000)}`, { cause: error });
    }
  }

  async compose(...args: string[]): Promise<string> {
    return this.command('compose', ...args);
  }

  /** Short ids of the running worker containers, which are the names the workers go by. */
  async workers(): Promise<string[]> {
    const ids = (await this.compose('ps', '-q', 'worker')).split('\n').filter(Boolean);
    const states = await Promise.all(ids.map((id) => inspectContainer(id, '{{.State.Running}}')));
    return ids.filter((_, i) => states[i] === 'true').map((id) => id.slice(0, 12));
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async post(path: string, body: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** Kills the container whose host name (its short id) a worker goes by. */
  async kill(worker: string): Promise<void> {
    await run('docker', ['kill', '--signal', 'KILL', worker]);
  }
}

/** One field of a container or image, as `docker inspect --format` writes it. */
export async function inspectContainer(id: string, format: string): Promise<string> {
  return (await run('docker', ['inspect', '--format', format, id])).stdout.trim();
}

/** What `docker` prints. @throws Error with what it wrote to its error stream where it fails */
export async function runDocker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Looks again and again until `look` finds something; fails with the last thing seen. */
export async function waitUntil<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined | false>,
): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await delay(500)) {
    try {
      const found = await look();
      if (found) return found;
      last = found;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${what}: not within ${seconds} s; last seen: ${String(last)}`);
}
