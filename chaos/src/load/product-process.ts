import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** These processes spend most of their time starting, so compiled code is kept. */
const compiled = join(tmpdir(), 'gradsmith-chaos-compiled');
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** One unmodified process of the product. */
export class ProductProcess {
  readonly #child: ChildProcess;
  output = '';

  constructor(app: 'api' | 'coordinator' | 'worker', env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [`${root}apps/${app}/src/main.ts`], {
      cwd: root,
      env: { ...process.env, NODE_COMPILE_CACHE: compiled, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves when the text is in its output. Throws if it ends before or takes longer than `ms`. */
  async waitForOutput(text: string, ms = 60_000): Promise<void> {
    const end = performance.now() + ms;
    while (!this.output.includes(text)) {
      if (this.exited || performance.now() > end)
        throw new Error(`the process did not write '${text}':\n${this.output.slice(-2_000)}`);
      await delay(20);
    }
  }

  async end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    if (!this.exited) {
      const gone = once(this.#child, 'exit');
      this.#child.kill(signal);
      await gone;
    }
    return { code: this.#child.exitCode, signal: this.#child.signalCode };
  }

  get exited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
