import type { JobRecord } from '../job/record.ts';
import type { JobSpec } from '../job/spec.ts';
import { moduleRuntime } from '../objective/index.ts';
import type { WorkerInfo } from '../ports/workers.ts';

/** The route of outside objectives: programs ask for their trials, no message is sent and no worker's slot is taken. */
export const OUTSIDE = 'outside';

/** The backend of workers that offer a module: it trains nothing itself. */
export const MODULE = 'module';

/** Fastest first: what `backend: auto` takes when several kinds of worker are there. */
const preference = ['tensorflow', 'webgpu', 'wasm', 'cpu'];

/** WebGPU on a software adapter, which is slower than anything else: its runtime's third word tells where it computes. */
const isSoftwareGpu = ({ backend, runtime }: WorkerInfo): boolean =>
  backend === 'webgpu' && runtime.split(' ')[2] !== 'gpu';

/**
 * The runtime that executes the job's trials: the one its first begin pinned (property 6), else that of a live worker
 * with the backend the job names, else null: nobody here can run it now. `OUTSIDE` for an outside objective, and the
 * module's own runtime, whether a worker offers it or not, for a module.
 */
export function routeFor(job: JobRecord, spec: JobSpec, workers: readonly WorkerInfo[]): string | null {
  if (spec.objective.kind === 'external') return OUTSIDE;
  if (spec.objective.kind === 'module') return moduleRuntime(spec.objective.module);
  if (job.runtime !== null) return job.runtime;
  const wanted = spec.objective.backend;
  const able = workers.filter((worker) =>
    wanted === 'auto' ? worker.backend !== MODULE && !isSoftwareGpu(worker) : worker.backend === wanted,
  );
  const rank = ({ backend }: WorkerInfo): number =>
    (preference.indexOf(backend) + preference.length + 1) % (preference.length + 1);
  return [...able].sort((a, b) => rank(a) - rank(b) || (a.runtime < b.runtime ? -1 : 1))[0]?.runtime ?? null;
}

/** Free slots of each runtime: slots of live workers less the trials already meant for them. */
export class Slots {
  readonly #free = new Map<string, number>();

  constructor(workers: readonly WorkerInfo[], open: readonly { route: string; trials: number }[]) {
    for (const { runtime, slots } of workers) this.#free.set(runtime, (this.#free.get(runtime) ?? 0) + slots);
    for (const { route, trials } of open) this.#free.set(route, (this.#free.get(route) ?? 0) - trials);
  }

  /** Takes a slot of the runtime, or answers false where none is free. */
  take(runtime: string): boolean {
    if (runtime === OUTSIDE) return true;
    const free = this.#free.get(runtime) ?? 0;
    if (free <= 0) return false;
    this.#free.set(runtime, free - 1);
    return true;
  }

  /** Gives a slot back that `take` gave and no trial was issued into. */
  give(runtime: string): void {
    if (runtime !== OUTSIDE) this.#free.set(runtime, this.#free.get(runtime)! + 1);
  }
}
