import { EXTERNAL } from '../jobs/choose-runtime.ts';
import type { WorkerInfo } from '../ports/workers.ts';

/** Free slots of each runtime: the slots of live workers without those that jobs use. */
export class FreeSlots {
  readonly #free = new Map<string, number>();

  constructor(workers: readonly WorkerInfo[], used: readonly { runtime: string; trials: number }[]) {
    for (const { runtime, slots } of workers) this.#free.set(runtime, this.#count(runtime) + slots);
    for (const { runtime, trials } of used) this.#free.set(runtime, this.#count(runtime) - trials);
  }

  /** Takes a slot of the runtime. Returns false if none is free. */
  take(runtime: string): boolean {
    if (runtime === EXTERNAL) return true;
    const free = this.#count(runtime);
    if (free <= 0) return false;
    this.#free.set(runtime, free - 1);
    return true;
  }

  /** Returns a slot that `take` gave and no trial was created for. */
  putBack(runtime: string): void {
    if (runtime !== EXTERNAL) this.#free.set(runtime, this.#count(runtime) + 1);
  }

  #count(runtime: string): number {
    return this.#free.get(runtime) ?? 0;
  }
}
