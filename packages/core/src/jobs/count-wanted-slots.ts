import { getRemainingBudget } from '../domain/budget.ts';
import type { JobRecord } from '../domain/job-record.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { chooseRuntime, MODULE_BACKEND } from './choose-runtime.ts';
import { countExtrasOfRecord } from './count-expected-extras.ts';

/** The kind of workers that can run a job's trials, as far as it is known. */
export interface WorkerKind {
  /** Name of a backend; `module`; or `auto` if the job accepts every backend and no live worker has one. */
  backend: string;
  /** `any` if the job asks for none, is not pinned to a runtime yet, and no live worker can run it. */
  device: 'cpu' | 'gpu' | 'any';
  /** Labels that it asks for, sorted and separated by commas. */
  labels: string;
}

/**
 * Returns how many slots an active job uses if there are enough workers: its open trials and those that it may create
 * now, at most `maxParallelism`. Trials are created for free slots only, so the number of waiting trials does not show
 * this. It is an upper bound while the job confirms its best points, and not 0 before it has. 0 for external
 * objectives.
 */
export function countWantedSlots(job: JobRecord, spec: JobSpec): number {
  if (spec.objective.kind === 'external') return 0;
  if (job.state === 'paused') return job.counts.running;
  const { open } = job;
  const isSearching = job.counts.pending + job.counts.running > 0;
  const creatable = getRemainingBudget(job) || (isSearching ? 0 : countExtrasOfRecord(job, spec));
  return Math.min(spec.search.maxParallelism, open.length + creatable);
}

/** Returns which workers the job needs; null for an external objective. */
export function findWorkerKind(job: JobRecord, spec: JobSpec, workers: readonly WorkerInfo[]): WorkerKind | null {
  if (spec.objective.kind === 'external') return null;
  const labels = [...new Set(spec.workers?.labels)].sort().join(',');
  const device = spec.workers?.device ?? 'any';
  if (spec.objective.kind === 'module') return { backend: MODULE_BACKEND, device, labels };
  const runtime = chooseRuntime(job, spec, workers);
  if (runtime === null) return { backend: spec.objective.backend, device, labels };
  const [backend = '', , unit] = runtime.split(' ');
  return { backend, device: unit === 'gpu' || unit === 'cpu' ? unit : device, labels };
}
