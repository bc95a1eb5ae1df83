import type { TrainerFailure } from '@gradsmith/core/ports';

/** The longest delay of a timer in milliseconds. Longer timers fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The bounds of a child's work: the signal of the caller, a time limit, and optionally a limit on silence. */
export class Bounds implements Disposable {
  #heard = performance.now();
  readonly #cleanups: (() => void)[] = [];

  heard(): void {
    this.#heard = performance.now();
  }

  stopped(
    signal: AbortSignal,
    { timeoutMs, silenceMs, what }: { timeoutMs: number; silenceMs?: number; what: string },
  ) {
    return new Promise<{ type: 'stopped'; failure: TrainerFailure; message: string }>((resolve) => {
      const stop = (failure: TrainerFailure, message: string) => resolve({ type: 'stopped', failure, message });
      this.onAbort(signal, () => stop('cancelled', `The ${what} was cancelled.`));
      const deadline = setTimeout(
        () => stop('timeout', `The ${what} took longer than ${timeoutMs / 1000} s.`),
        Math.min(timeoutMs, LONGEST_TIMER),
      );
      this.#cleanups.push(() => clearTimeout(deadline));
      if (silenceMs === undefined) return;
      const silence = setInterval(
        () => {
          if (performance.now() - this.#heard > silenceMs)
            stop('hung', `The trainer process said nothing for ${silenceMs / 1000} s.`);
        },
        Math.max(50, silenceMs / 10),
      );
      this.#cleanups.push(() => clearInterval(silence));
    });
  }

  /** Calls `call` when the signal aborts, or immediately if it already has; never after these bounds are disposed. */
  onAbort(signal: AbortSignal | undefined, call: () => void): void {
    if (signal?.aborted) call();
    signal?.addEventListener('abort', call);
    this.#cleanups.push(() => signal?.removeEventListener('abort', call));
  }

  [Symbol.dispose](): void {
    for (const clean of this.#cleanups) clean();
  }
}

export function formatMebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
