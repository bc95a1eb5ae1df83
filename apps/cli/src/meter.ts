import { isAsciiOnly, isDumb } from './env.ts';
import { drawBar } from './text/bar.ts';
import { cleanText } from './text/clean.ts';
import { truncate } from './text/width.ts';

const BAR = 20;
const PATIENCE_MS = 700;
const EVERY_MS = 100;
const WHEEL = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const ASCII_WHEEL = '|/-\\';

/** A progress line that is rewritten in place on a terminal; nothing in a pipe. */
export class Meter {
  readonly #title: string;
  #shown = false;

  constructor(title: string) {
    this.#title = cleanText(title);
  }

  /** `done` of `total` in units for people; total 0: unknown. */
  show(done: number, total: number, detail: string): void {
    this.write(`${this.#title} ${drawBar(total > 0 ? done / total : 0, BAR)} ${detail}`);
  }

  write(line: string): void {
    if (!process.stderr.isTTY || isDumb) return;
    process.stderr.write(`\r${truncate(line, (process.stderr.columns || 80) - 1)}\u001B[K`);
    this.#shown = true;
  }

  end(): void {
    if (this.#shown) process.stderr.write('\r\u001B[K');
    this.#shown = false;
  }
}

/** Waits for the work. After a moment, a terminal shows what is being done and for how long. */
export async function showMeter<T>(title: string, work: Promise<T>): Promise<T> {
  const meter = new Meter(title);
  const start = performance.now();
  const wheel = isAsciiOnly() ? ASCII_WHEEL : WHEEL;
  const timer = setInterval(() => {
    const ms = performance.now() - start;
    if (ms >= PATIENCE_MS)
      meter.write(`${wheel[Math.floor(ms / EVERY_MS) % wheel.length]} ${title} (${(ms / 1000).toFixed(0)} s)`);
  }, EVERY_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    meter.end();
  }
}
