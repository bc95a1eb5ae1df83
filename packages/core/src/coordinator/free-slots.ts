import { EXTERNAL } from '../jobs/choose-runtime.ts';
import type { WorkerInfo } from '../ports/workers.ts';

/** Free slots of each runtime: slots of live workers less the trials already meant for them. */
export class FreeSlots {
  readonly #free = new Map<string, number>();

  constructor(workers: readonly WorkerInfo[], open: readonly { route: string; trials: number }[]) {
    for (const { runtime, slots } of workers) this.#free.set(runtime, (this.#free.get(runtime) ?? 0) + slots);
    for (const { route, trials } of open) this.#free.set(route, (this.#free.get(route) ?? 0) - trials);
  }

  /** Takes a slot of the runtime, or answers false where none is free. */
  take(runtime: string): boolean {
    if (runtime === EXTERNAL) return true;
    const free = this.#free.get(runtime) ?? 0;
    if (free <= 0) return false;
    this.#free.set(runtime, free - 1);
    return true;
  }

  /** Gives a slot back that `take` gave and no trial was issued into. */
  putBack(runtime: string): void {
    if (runtime !== EXTERNAL) this.#free.set(runtime, this.#free.get(runtime)! + 1);
  }
}
