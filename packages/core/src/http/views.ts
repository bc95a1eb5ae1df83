import { createSpace } from '@gradsmith/bayesopt';
import { REFERENCE_ID } from '../coordinate/plan.ts';
import { OUTSIDE, routeFor } from '../coordinate/route.ts';
import { budgetLeft, settledCount } from '../job/budget.ts';
import type { JobRecord } from '../job/record.ts';
import { spaceOf } from '../job/space.ts';
import { directionOf, metricNameOf, type JobSpec } from '../job/spec.ts';
import { isActive } from '../job/states.ts';
import type { JobView, Ledger } from '../ledger/ledger.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import { confirmedGains, searchGain } from '../report/gain.ts';
import type { TrialRecord } from '../trial/record.ts';
import type { JobStatus, JobSummary, TrialResource, WorkerResource } from './resources.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

export function toSummary(job: JobRecord, spec: JobSpec): JobSummary {
  return {
    id: job.id,
    name: spec.name,
    labels: spec.labels,
    state: job.state,
    createdAt: iso(job.createdAt),
    endedAt: isoOrNull(job.endedAt),
    budget: job.budget,
    settled: settledCount(job),
    counts: job.counts,
    metric: metricNameOf(spec),
    direction: directionOf(spec),
    reference: job.reference,
    best: job.best && { trial: String(job.best.number), value: job.best.value },
  };
}

/** The whole story of a job in one small answer. Reads the confirm trials only, never the search's. */
export async function readStatus(ledger: Ledger, jobId: string, workers: readonly WorkerInfo[]): Promise<JobStatus> {
  return statusOf(ledger, await ledger.job(jobId), workers);
}

/** As `readStatus`, of a job that was read already. */
export async function statusOf(
  ledger: Ledger,
  { now, job, spec, waiting }: JobView,
  workers: readonly WorkerInfo[],
): Promise<JobStatus> {
  const confirmIds = job.extras.filter((id) => id !== REFERENCE_ID);
  const confirmed = [...new Set(confirmIds.map((id) => id.split('-')[1]!))].filter((number) => number !== REFERENCE_ID);
  const trials = await ledger.trials(job.id, [...confirmIds, ...confirmed]);
  const gains = confirmedGains(trials, spec);
  const headline = gains.find(({ number }) => number === job.best?.number);
  return {
    ...toSummary(job, spec),
    reason: job.reason,
    phase: phaseOf(job),
    enqueued: waiting.length,
    seq: job.seq,
    startedAt: isoOrNull(job.startedAt),
    best: job.best && {
      trial: String(job.best.number),
      value: job.best.value,
      point: job.best.point,
      onEdge: onEdge(job, spec),
    },
    searchGain: searchGain(job, spec),
    confirmedGain: headline ? { mean: headline.mean, interval: headline.interval, seeds: headline.gains.length } : null,
    confirmed: gains.map(({ number, gains, mean, interval }) => ({
      trial: String(number),
      seeds: gains.length,
      meanGain: mean,
      interval,
      gains,
    })),
    runtime: job.runtime,
    workers: workersOf(job, spec, workers),
    ...pace(job, now),
    lastError: job.lastError && { ...job.lastError, at: iso(job.lastError.at) },
  };
}

/**
 * Changes whenever `readStatus` would answer something new. A weak validator: pace and estimated end drift on between
 * two changes of the job.
 */
export function statusTag({ job, spec, waiting }: JobView, workers: readonly WorkerInfo[]): string {
  return `W/"${job.createdAt.toString(36)}-${job.seq}-${waiting.length}-${workersOf(job, spec, workers)}"`;
}

export function toWorkerResource({ id, name, runtime, backend, slots, busy }: WorkerInfo): WorkerResource {
  const trials = busy.map((key) => ({ job: key.slice(0, key.indexOf('/')), trial: key.slice(key.indexOf('/') + 1) }));
  return {
    id,
    name,
    state: trials.length === 0 ? 'idle' : trials.length < slots ? 'working' : 'full',
    runtime,
    backend,
    slots,
    trials,
  };
}

export function toTrialResource(trial: TrialRecord): TrialResource {
  const {
    id,
    role,
    number,
    confirms,
    state,
    point,
    seed,
    source,
    result,
    reason,
    attempts,
    progress,
    pruning,
    createdAt,
    settledAt,
  } = trial;
  return {
    id,
    role,
    number,
    confirms: confirms && {
      trial: confirms.number === null ? REFERENCE_ID : String(confirms.number),
      seedIndex: confirms.seedIndex,
    },
    state,
    point,
    seed,
    source: source.kind,
    value: result?.value ?? null,
    metrics: result?.metrics ?? {},
    reason,
    attempts: attempts.map((attempt) => ({
      ...attempt,
      startedAt: iso(attempt.startedAt),
      endedAt: isoOrNull(attempt.endedAt),
    })),
    progress,
    pruning,
    createdAt: iso(createdAt),
    settledAt: isoOrNull(settledAt),
  };
}

/** Live workers that can run the job's trials; of an outside objective, the programs at work on it. */
export function workersOf(job: JobRecord, spec: JobSpec, workers: readonly WorkerInfo[]): number {
  const route = routeFor(job, spec, workers);
  return route === OUTSIDE ? job.counts.running : workers.filter(({ runtime }) => runtime === route).length;
}

function phaseOf(job: JobRecord): JobStatus['phase'] {
  if (!isActive(job.state)) return 'ended';
  if (job.state === 'queued') return 'waiting';
  return budgetLeft(job) > 0 || job.counts.pending + job.counts.running > 0 ? 'searching' : 'confirming';
}

function onEdge(job: JobRecord, spec: JobSpec): { parameter: string; bound: number }[] {
  const { space } = spaceOf(spec);
  return createSpace(space)
    .onEdge(job.best!.point)
    .flatMap((parameter) => {
      const definition = space[parameter]!;
      const at = job.best!.point[parameter];
      if (typeof at !== 'number' || !('low' in definition)) return [];
      const bound = Math.abs(at - definition.low) <= Math.abs(at - definition.high) ? definition.low : definition.high;
      return [{ parameter, bound }];
    });
}

/**
 * Settled trials a minute, and when the rest of the budget ends at this pace; from the job's start, or from when it was
 * set going again: the time between is nobody's pace.
 */
function pace(job: JobRecord, now: number): Pick<JobStatus, 'trialsPerMinute' | 'estimatedEnd'> {
  const since = job.resumed ?? { at: job.startedAt, settled: 0 };
  const done = settledCount(job) - since.settled;
  if (since.at === null || done <= 0) return { trialsPerMinute: null, estimatedEnd: null };
  const minutes = Math.max(1, (job.endedAt ?? now) - since.at) / 60_000;
  const trialsPerMinute = done / minutes;
  const left = budgetLeft(job) + job.counts.pending + job.counts.running;
  const estimatedEnd = job.state === 'running' && left > 0 ? iso(now + (left / trialsPerMinute) * 60_000) : null;
  return { trialsPerMinute, estimatedEnd };
}
