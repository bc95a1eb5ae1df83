import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program that prints one JSON line at startup and then answers each JSON line with one. */
export class PipedProgram implements Disposable {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(name: string, command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#name = name;
    this.#child = spawn(command, args, { stdio: 'pipe', env: { ...process.env, ...env } });
    this.#child.on('error', (error) => (this.#errors = error.message));
    this.#child
      .stderr!.setEncoding('utf8')
      .on('data', (text: string) => (this.#errors = (this.#errors + text).slice(-4000)));
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** Reads its next line. @throws Error with its error output if it exits instead */
  async next<Answer>(): Promise<Answer> {
    const { value, done } = await this.#lines.next();
    if (!done) return JSON.parse(value) as Answer;
    throw new Error(`${this.#name} exited without an answer.\n${this.#errors.trim()}`);
  }

  async ask<Answer>(question: object): Promise<Answer> {
    if (!this.#child.stdin!.write(`${JSON.stringify(question)}\n`)) await once(this.#child.stdin!, 'drain');
    return this.next<Answer>();
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}
