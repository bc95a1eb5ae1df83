import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import type { ControlGroup } from './control-group.ts';
import { root } from './other-version.ts';
import type { ProcessFaults } from './process-faults.ts';
import type { Proxy } from './proxy.ts';

export type Role = 'api' | 'coordinator' | 'worker';

export interface ProcessSettings {
  name: string;
  role: Role;
  env: NodeJS.ProcessEnv;
  /** File to which its output is appended. */
  log: string;
  /** The proxy between it and Redis. */
  proxy: Proxy;
  clock: Clock | null;
  /** The disk that holds the archive, or the checkpoints. */
  disk: ProcessFaults | null;
  controlGroup: ControlGroup | null;
}

/** A process of a chaos run spends most of its time starting, so compiled code is kept. */
const compiled = join(tmpdir(), 'gradsmith-chaos-compiled');
const preload = new URL('../injected/preload.ts', import.meta.url).href;

const startMessages: Record<Role, string> = {
  api: 'Server listening',
  coordinator: 'coordinator started',
  worker: 'worker started',
};

/** One process of the product, which can be started again after it has exited. */
export class ClusterProcess {
  readonly name: string;
  readonly role: Role;
  readonly proxy: Proxy;
  readonly clock: Clock | null;
  readonly disk: ProcessFaults | null;
  /** Folder of the code that it runs from its next start. */
  root = root;
  /** Whether a fault affects it now. */
  underFault = false;
  readonly #settings: ProcessSettings;
  #child: ChildProcess | null = null;
  /** Length of its log when it was started. */
  #logStart = 0;
  #ready = false;

  constructor(settings: ProcessSettings) {
    this.name = settings.name;
    this.role = settings.role;
    this.proxy = settings.proxy;
    this.clock = settings.clock;
    this.disk = settings.disk;
    this.#settings = settings;
  }

  start(): void {
    const { env, log, clock, disk, controlGroup, role } = this.#settings;
    const libraries = [clock, disk].flatMap((each) => each?.env.LD_PRELOAD ?? []).join(':');
    const output = openSync(log, 'a');
    this.#logStart = statSync(log).size;
    this.#ready = false;
    this.#child = spawn(process.execPath, [`${this.root}apps/${role}/src/main.ts`], {
      cwd: this.root,
      env: {
        ...env,
        ...clock?.env,
        ...disk?.env,
        LD_PRELOAD: libraries || undefined,
        NODE_OPTIONS: `--import=${preload}`,
        NODE_COMPILE_CACHE: compiled,
      },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    controlGroup?.add(this.#child.pid!);
  }

  get pid(): number | null {
    return this.isRunning ? this.#child!.pid! : null;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  /** Whether its log shows that it has started. */
  get ready(): boolean {
    if (this.isRunning && !this.#ready)
      this.#ready = readFileSync(this.#settings.log)
        .subarray(this.#logStart)
        .toString()
        .includes(startMessages[this.role]);
    return this.isRunning && this.#ready;
  }

  signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.#child!.kill(name);
  }

  /** Ends the process (SIGKILL: at once, SIGTERM: as an operator does) and returns how long that took, ms. */
  async end(signal: 'SIGKILL' | 'SIGTERM', boundMs = 30_000): Promise<number> {
    if (!this.isRunning) return 0;
    const start = performance.now();
    const gone = once(this.#child!, 'exit');
    this.#child!.kill(signal);
    const late = new AbortController();
    await Promise.race([gone, delay(boundMs, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
    const took = performance.now() - start;
    if (this.isRunning) await this.end('SIGKILL');
    return took;
  }

  /** The processes that it has started, such as trainers. */
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
