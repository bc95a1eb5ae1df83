/** A progress line that rewrites itself on a terminal and stays silent in a pipe. */
export class Meter {
  readonly #title: string;
  #shown = false;

  constructor(title: string) {
    this.#title = title;
  }

  show(done: number, total: number): void {
    if (!process.stderr.isTTY) return;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    process.stderr.write(`\r${this.#title} ${'█'.repeat(Math.round(20 * share)).padEnd(20, '░')} ${(done / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`);
    this.#shown = true;
  }

  end(): void {
    if (this.#shown) process.stderr.write('\r\u001B[K');
  }
}
