import type { JobRecord } from '../domain/job-record.ts';
import { getModuleRuntime } from '../objective/module.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import type { JobSpec } from '../spec/job-spec.ts';

/** The runtime of external objectives: programs ask for their trials, without messages and without workers' slots. */
export const EXTERNAL = 'external';

/** The backend of workers that offer modules. */
export const MODULE_BACKEND = 'module';

/** Backends by preference of `backend: auto`, the fastest first. */
const preference = ['tensorflow', 'webgpu', 'wasm', 'cpu'];

/**
 * Returns whether `backend: auto` may choose the worker. WebGPU counts only on a real GPU: in software it is slower
 * than every other backend. A worker that does not announce its device is of an older version, so its WebGPU is not
 * trusted.
 */
function isAutomaticChoice({ backend, device }: WorkerInfo): boolean {
  if (backend === MODULE_BACKEND || device === 'software') return false;
  return backend !== 'webgpu' || device === 'gpu';
}

/**
 * Returns the runtime that executes the job's trials; null if no live worker can run it.
 *
 * | objective | runtime                                                                            |
 * | --------- | ---------------------------------------------------------------------------------- |
 * | training  | the one that its first start pinned (invariant 6), otherwise that of a live worker |
 * |           | with the backend that the job names                                                |
 * | module    | the module's, whether a worker offers it or not                                    |
 * | external  | `EXTERNAL`                                                                         |
 */
export function chooseRuntime(job: JobRecord, spec: JobSpec, workers: readonly WorkerInfo[]): string | null {
  if (spec.objective.kind === 'external') return EXTERNAL;
  if (spec.objective.kind === 'module') return getModuleRuntime(spec.objective.module);
  if (job.runtime !== null) return job.runtime;
  const wanted = spec.objective.backend;
  const able = workers.filter((worker) => (wanted === 'auto' ? isAutomaticChoice(worker) : worker.backend === wanted));
  const rank = ({ backend }: WorkerInfo): number =>
    (preference.indexOf(backend) + preference.length + 1) % (preference.length + 1);
  return [...able].sort((a, b) => rank(a) - rank(b) || (a.runtime < b.runtime ? -1 : 1))[0]?.runtime ?? null;
}
