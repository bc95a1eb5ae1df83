import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Cage } from './cage.ts';
import type { Clock } from './clock.ts';
import type { Proxy } from './proxy.ts';

export type Role = 'api' | 'coordinator' | 'worker';

export interface ActorSettings {
  name: string;
  role: Role;
  env: NodeJS.ProcessEnv;
  /** Its output is appended here. */
  log: string;
  /** Its wire to Redis. */
  wire: Proxy;
  clock: Clock | null;
  cage: Cage | null;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Starting takes most of a process's short life here. */
const compiled = join(tmpdir(), 'gradsmith-chaos-compiled');
const preload = new URL('../inside/preload.ts', import.meta.url).href;

const greetings: Record<Role, string> = {
  api: 'Server listening',
  coordinator: 'coordinator started',
  worker: 'worker started',
};

/** One process of the product, started again whenever it has ended. */
export class Actor {
  readonly name: string;
  readonly role: Role;
  readonly wire: Proxy;
  readonly clock: Clock | null;
  /** A fault is being done to it. */
  troubled = false;
  readonly #settings: ActorSettings;
  #child: ChildProcess | null = null;
  /** Where its log ended when it was started. */
  #logStart = 0;
  #ready = false;

  constructor(settings: ActorSettings) {
    this.name = settings.name;
    this.role = settings.role;
    this.wire = settings.wire;
    this.clock = settings.clock;
    this.#settings = settings;
  }

  start(): void {
    const { env, log, clock, cage, role } = this.#settings;
    const output = openSync(log, 'a');
    this.#logStart = statSync(log).size;
    this.#ready = false;
    this.#child = spawn(process.execPath, [`${root}apps/${role}/src/main.ts`], {
      cwd: root,
      env: { ...env, ...clock?.env, NODE_OPTIONS: `--import=${preload}`, NODE_COMPILE_CACHE: compiled },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    cage?.put(this.#child.pid!);
  }

  get pid(): number | null {
    return this.lives ? this.#child!.pid! : null;
  }

  get lives(): boolean {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  /** It has said that it is at work. */
  get ready(): boolean {
    if (this.lives && !this.#ready)
      this.#ready = readFileSync(this.#settings.log).subarray(this.#logStart).toString().includes(greetings[this.role]);
    return this.lives && this.#ready;
  }

  signal(name: NodeJS.Signals): void {
    if (this.lives) this.#child!.kill(name);
  }

  /** Ends it and waits for its end: at once, or as an operator does. Resolves to how long it took, ms. */
  async end(signal: 'SIGKILL' | 'SIGTERM', boundMs = 30_000): Promise<number> {
    if (!this.lives) return 0;
    const start = performance.now();
    const gone = once(this.#child!, 'exit');
    this.#child!.kill(signal);
    const late = new AbortController();
    await Promise.race([gone, delay(boundMs, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
    const took = performance.now() - start;
    if (this.lives) await this.end('SIGKILL');
    return took;
  }

  /** The processes it has started, such as trainers. */
  get children(): number[] {
    try {
      const { pid } = this;
      return pid === null
        ? []
        : readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }
}
