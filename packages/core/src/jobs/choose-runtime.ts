import type { JobRecord } from '../domain/job-record.ts';
import { getModuleRuntime } from '../objective/module.ts';
import { getQueue } from '../ports/dispatcher.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import type { JobSpec } from '../spec/job-spec.ts';

/** The runtime of external objectives: programs ask for their trials, without messages and without workers' slots. */
export const EXTERNAL = 'external';

/** The backend of workers that offer modules. */
export const MODULE_BACKEND = 'module';

/** The job as far as it decides where its trials run. */
type PinnedJob = Pick<JobRecord, 'runtime'>;

/** What a worker announces, as far as it decides which trials it may execute. */
export type WorkerOffer = Pick<WorkerInfo, 'runtime' | 'backend' | 'device' | 'labels'>;

/** Backends by preference of `backend: auto`, the fastest first. */
const preference = ['tensorflow', 'webgpu', 'wasm', 'cpu'];

/**
 * Returns whether `backend: auto` may choose the worker. WebGPU counts only on a real GPU: in software it is slower
 * than every other backend. A worker that does not announce its device is of an older version, so its WebGPU is not
 * trusted.
 */
function isAutomaticChoice({ backend, device }: WorkerOffer): boolean {
  if (backend === MODULE_BACKEND || device === 'software') return false;
  return backend !== 'webgpu' || device === 'gpu';
}

/**
 * Returns the runtime that executes the job's trials; null if no live worker can run it.
 *
 * | objective | runtime                                                                            |
 * | --------- | ---------------------------------------------------------------------------------- |
 * | training  | the one that its first start pinned (invariant 6), otherwise that of a live worker |
 * |           | with the backend, the device and the labels that the job asks for                  |
 * | module    | the module's, whether a worker offers it or not                                    |
 * | external  | `EXTERNAL`                                                                         |
 */
export function chooseRuntime(job: PinnedJob, spec: JobSpec, workers: readonly WorkerOffer[]): string | null {
  if (spec.objective.kind === 'external') return EXTERNAL;
  if (spec.objective.kind === 'module') return getModuleRuntime(spec.objective.module);
  if (job.runtime !== null) return job.runtime;
  const wanted = spec.objective.backend;
  const able = workers.filter(
    (worker) =>
      (wanted === 'auto' ? isAutomaticChoice(worker) : worker.backend === wanted) && meetsRequest(spec, worker),
  );
  const rank = ({ backend }: WorkerOffer): number =>
    (preference.indexOf(backend) + preference.length + 1) % (preference.length + 1);
  return [...able].sort((a, b) => rank(a) - rank(b) || (a.runtime < b.runtime ? -1 : 1))[0]?.runtime ?? null;
}

/**
 * Returns the queues whose workers may execute the job's trials: those of its runtime with the labels that it asks for.
 * Workers with the fewest labels come first, so that the others stay free for jobs that ask for them.
 */
export function chooseQueues(job: PinnedJob, spec: JobSpec, workers: readonly WorkerOffer[]): string[] {
  const runtime = chooseRuntime(job, spec, workers);
  if (runtime === null) return [];
  if (runtime === EXTERNAL) return [EXTERNAL];
  const able = workers
    .filter((worker) => worker.runtime === runtime && meetsRequest(spec, worker))
    .sort((a, b) => countLabels(a) - countLabels(b) || (getQueue(a) < getQueue(b) ? -1 : 1));
  const queues = [...new Set(able.map(getQueue))];
  // The messages of a job without a request wait where the workers without labels will look for them.
  return queues.length || spec.workers?.labels.length ? queues : [getQueue({ runtime })];
}

/** Lists the workers that may execute the job's trials: those that take messages from its queues. */
export function listAbleWorkers<W extends WorkerOffer>(job: PinnedJob, spec: JobSpec, workers: readonly W[]): W[] {
  const queues = chooseQueues(job, spec, workers);
  return workers.filter((worker) => queues.includes(getQueue(worker)));
}

/** What a job asks for and a worker does not have. */
interface LackingWorker {
  labels: readonly string[];
  /** Whether the worker runs on another device. */
  device: boolean;
}

/** Finds what the job asks for and the worker does not have. */
export function findLacking({ workers: request }: JobSpec, { device, labels = [] }: WorkerOffer): LackingWorker {
  return {
    labels: request?.labels.filter((label) => !labels.includes(label)) ?? [],
    device: request?.device !== undefined && request.device !== device,
  };
}

/** Returns whether the worker has the device and the labels that the job asks for. */
function meetsRequest(spec: JobSpec, worker: WorkerOffer): boolean {
  const lacking = findLacking(spec, worker);
  return !lacking.device && !lacking.labels.length;
}

function countLabels({ labels = [] }: WorkerOffer): number {
  return labels.length;
}
