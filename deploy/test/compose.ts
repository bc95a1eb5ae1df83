import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;

/** `docker compose` where the plugin is there, else docker-compose 1.29. */
const compose = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0 ? ['docker', 'compose'] : ['docker-compose'];

/** The whole service in containers, under a project name and a port of its own. */
export class Deployment {
  readonly #project = `gradsmith-test-${process.pid}`;
  readonly #env: NodeJS.ProcessEnv;
  readonly url: string;

  constructor(port: number, env: Record<string, string>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#env = { ...process.env, GRADSMITH_PORT: String(port), ...env };
  }

  async compose(...args: string[]): Promise<string> {
    const [command, ...first] = compose;
    const { stdout } = await run(command!, [...first, '-p', this.#project, ...args], { cwd: root, env: this.#env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async post(path: string, body: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  }

  /** Kills the container whose host name (its short id) a worker goes by. */
  async kill(worker: string): Promise<void> {
    await run('docker', ['kill', '--signal', 'KILL', worker]);
  }
}

/** Looks again and again until `look` finds something; fails with the last thing seen. */
export async function until<T>(what: string, seconds: number, look: () => Promise<T | undefined | false>): Promise<T> {
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
