import { makeBaselineTrialId, MAX_TIME, REFERENCE_ID, type PairedGain, type TrialRecord } from '@gradsmith/core/domain';
import { countWorkers, type BaselineStatus, type JobStatusData, type JobSummaryData } from '@gradsmith/core/jobs';
import type { JobView } from '@gradsmith/core/ledger';
import type { LiveWorker, RecentWork, WorkerInfo } from '@gradsmith/core/ports';
import type { TrialDetail as TrialDetailData } from '@gradsmith/core/trials';
import { createSelector, type Selection } from './fields.ts';
import type { JobResource, JobStatus, JobSummary } from './job-resources.ts';
import type { TrialDetail, TrialResource } from './trial-resources.ts';
import type { WorkerResource } from './worker-resource.ts';

/** A stored time that no date can represent must not make its job unreadable. */
const iso = (ms: number): string => new Date(Math.min(Math.max(ms, 0), MAX_TIME)).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** Returns a job as lists show it. */
export function toJobSummary(summary: JobSummaryData): JobSummary {
  return {
    ...summary,
    createdAt: iso(summary.createdAt),
    startedAt: isoOrNull(summary.startedAt),
    finishedAt: isoOrNull(summary.finishedAt),
    estimatedEnd: isoOrNull(summary.estimatedEnd),
  };
}

/** Returns a status as the API answers it: times in ISO 8601, trials by id. */
export function toJobStatus(data: JobStatusData): JobStatus {
  const { best, closest, pareto, stopped, confirmed, baselines, lastError, ...status } = data;
  const headline = confirmed.find(({ number }) => number === best?.number);
  return {
    ...status,
    createdAt: iso(status.createdAt),
    startedAt: isoOrNull(status.startedAt),
    finishedAt: isoOrNull(status.finishedAt),
    estimatedEnd: isoOrNull(status.estimatedEnd),
    stopped: stopped && { ...stopped, at: iso(stopped.at) },
    best: best && { trial: best.trial, value: best.value, point: best.point, atBound: best.atBound },
    closest: closest && toClosest(closest),
    pareto: pareto && {
      ...pareto,
      front: pareto.front.map(({ number, values }) => ({ trial: String(number), values })),
    },
    confirmedGain: headline ? toMeanGain(headline) : null,
    confirmed: confirmed.map((gain) => ({
      ...toConfirmed(gain),
      validation: gain.validation.map(({ metric, mean, interval }) => ({ metric, meanGain: mean, interval })),
    })),
    baselines: baselines.map(toBaseline),
    lastError: lastError && { ...lastError, at: iso(lastError.at) },
  };
}

function toClosest({ number, ...violation }: NonNullable<JobStatusData['closest']>): NonNullable<JobStatus['closest']> {
  return { trial: String(number), ...violation };
}

function toConfirmed({
  number,
  gains,
  mean,
  interval,
}: BaselineStatus['confirmed'][number]): JobStatus['baselines'][number]['confirmed'][number] {
  return { trial: String(number), seeds: gains.length, meanGain: mean, interval, gains };
}

/** Returns a baseline as the API answers it. */
export function toBaseline({ gain, confirmed, ...baseline }: BaselineStatus): JobStatus['baselines'][number] {
  return {
    ...baseline,
    gain: gain && { ...toMeanGain(gain), gains: gain.gains },
    confirmed: confirmed.map(toConfirmed),
  };
}

function toMeanGain({ mean, interval, gains }: PairedGain): NonNullable<JobStatus['confirmedGain']> {
  return { mean, interval, seeds: gains.length };
}

/** Returns the id of the trial that a confirm trial repeats. */
function findRepeatedTrial(number: number | null, baseline: TrialRecord['baseline']): string {
  if (number === null) return REFERENCE_ID;
  return baseline ? makeBaselineTrialId(baseline, number) : String(number);
}

/**
 * Computes a tag that changes whenever the status changes. It is a weak validator: pace and estimated end also change
 * between two changes of the job.
 */
export function computeStatusTag({ job, spec, enqueued }: JobView, workers: readonly WorkerInfo[]): string {
  return `W/"${job.createdAt.toString(36)}-${job.seq}-${enqueued.length}-${countWorkers(job, spec, workers)}"`;
}

export function toWorkerResource(worker: LiveWorker): WorkerResource {
  const { id, name, runtime, backend, device, slots, labels = [], busy, lacks, memory, recent, seenAt } = worker;
  const trials = busy.map((key) => ({ job: key.slice(0, key.indexOf('/')), trial: key.slice(key.indexOf('/') + 1) }));
  return {
    id,
    name,
    state: toWorkerState(trials.length, slots),
    runtime,
    backend,
    device: device ?? null,
    slots,
    labels,
    trials,
    lacks: lacks ?? [],
    memory: memory ?? null,
    recent: recent ? toRecentWork(recent) : null,
    seenAt: isoOrNull(seenAt),
  };
}

function toRecentWork({ windowMs, trials, jobs }: RecentWork): NonNullable<WorkerResource['recent']> {
  return {
    windowMs: Math.round(windowMs),
    trials,
    jobs: jobs.map(({ job, trials, trialMs, steps, stepMs }) => ({
      job,
      trials,
      msPerTrial: trials ? trialMs / trials : null,
      steps,
      msPerStep: steps ? stepMs / steps : null,
    })),
  };
}

function toWorkerState(trials: number, slots: number): WorkerResource['state'] {
  if (trials === 0) return 'idle';
  return trials < slots ? 'working' : 'full';
}

/** How a stored trial is shown, field by field. */
const trialViews: { readonly [Name in keyof TrialResource]: (trial: TrialRecord) => TrialResource[Name] } = {
  id: ({ id }) => id,
  role: ({ role }) => role,
  number: ({ number }) => number,
  baseline: ({ baseline }) => baseline ?? null,
  confirms: ({ confirms, baseline }) =>
    confirms && { trial: findRepeatedTrial(confirms.number, baseline), seedIndex: confirms.seedIndex },
  state: ({ state }) => state,
  point: ({ point }) => point,
  seed: ({ seed }) => seed,
  source: ({ source }) => source.kind,
  fallback: ({ source }) => source.reason ?? null,
  value: ({ result }) => result?.value ?? null,
  feasible: ({ feasible }) => feasible ?? null,
  metrics: ({ result }) => result?.metrics ?? {},
  reason: ({ reason }) => reason,
  attempts: ({ attempts }) =>
    attempts.map((attempt) => ({
      ...attempt,
      startedAt: iso(attempt.startedAt),
      finishedAt: isoOrNull(attempt.finishedAt),
    })),
  progress: ({ progress }) => progress,
  pruning: ({ pruning }) => pruning,
  createdAt: ({ createdAt }) => iso(createdAt),
  settledAt: ({ settledAt }) => isoOrNull(settledAt),
};

/** Returns a function that shows a trial with these fields; without any, with all. */
export function createTrialView(
  fields: readonly string[] | undefined,
): (trial: TrialRecord) => Selection<TrialResource> {
  const names = Object.keys(trialViews) as (keyof TrialResource)[];
  return createSelector<TrialResource, TrialRecord>(names, fields, (name) => trialViews[name]);
}

const showTrial = createTrialView(undefined);

/** Returns a trial as the API answers it. */
export function toTrialResource(trial: TrialRecord): TrialResource {
  return showTrial(trial) as TrialResource;
}

/** Returns one trial with its curve and what its attempts have reported. */
export function toTrialDetail({ trial, curve, recording, reports }: TrialDetailData): TrialDetail {
  const resource = toTrialResource(trial);
  const attempts = resource.attempts.map((attempt, i) => ({ ...attempt, ...reports[i]! }));
  const provenance = trial.result?.provenance ?? {};
  const detail: TrialDetail = { ...resource, attempts, curve, provenance };
  const preActivations = trial.result?.preActivations;
  if (preActivations) detail.preActivations = preActivations;
  if (recording) detail.recording = recording;
  return detail;
}

/** Returns a job as it was posted, with what clients changed of it. */
export function toJobResource({ job, spec, details }: Pick<JobView, 'job' | 'spec' | 'details'>): JobResource {
  return { id: job.id, state: job.state, createdAt: iso(job.createdAt), spec, notes: details?.notes ?? null };
}
