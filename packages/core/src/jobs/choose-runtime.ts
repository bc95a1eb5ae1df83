import type { JobRecord } from '../domain/job-record.ts';
import { getModuleRuntime } from '../objective/module.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import type { JobSpec } from '../spec/job-spec.ts';

/** The route of outside objectives: programs ask for their trials, no message is sent and no worker's slot is taken. */
export const EXTERNAL = 'external';

/** The backend of workers that offer a module: it trains nothing itself. */
export const MODULE_BACKEND = 'module';

/** Fastest first: what `backend: auto` takes when several kinds of worker are there. */
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
 * The runtime that executes the job's trials: the one its first begin pinned (property 6), else that of a live worker
 * with the backend the job names, else null: nobody here can run it now. `OUTSIDE` for an outside objective, and the
 * module's own runtime, whether a worker offers it or not, for a module.
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
