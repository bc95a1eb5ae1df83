import { countSettled, getRemainingBudget } from '../domain/budget.ts';
import { listConfirmedNumbers, REFERENCE_ID } from '../domain/confirm-trials.ts';
import type { Direction } from '../domain/direction.ts';
import { computeConfirmedGains, computeSearchGain, type ConfirmedGain } from '../domain/gain.ts';
import type { Improvement, JobRecord, MeanGain, StopRule } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import { measurePace } from '../domain/pace.ts';
import { findReferenceDivergence, type ReferenceDivergence } from '../domain/reference-divergence.ts';
import type { JobView } from '../ledger/job-view.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { WorkerInfo } from '../ports/workers.ts';
import { describePareto, type ParetoStatus } from '../spec/describe-pareto.ts';
import { getDirection, getMetricName, type JobSpec } from '../spec/job-spec.ts';
import { listBounds, type BoundValue } from '../spec/list-bounds.ts';
import { buildSearchSpace } from '../spec/search-space.ts';
import { describeStop } from '../spec/stop-rules.ts';
import { listAbleWorkers } from './choose-runtime.ts';
import { countTrialsLeft } from './count-trials-left.ts';
import { describeBaselines, type BaselineStatus } from './describe-baselines.ts';
import { listValidationGains, type ValidationGain } from './validation-gains.ts';

/** The state of a job without its trials. Times are in ms of the ledger's clock. */
export interface JobSummaryData extends Pick<
  JobRecord,
  'id' | 'state' | 'createdAt' | 'startedAt' | 'finishedAt' | 'budget' | 'counts' | 'reference'
> {
  name: string;
  labels: JobSpec['labels'];
  /** Search trials that are settled. */
  settled: number;
  metric: string;
  direction: Direction;
  best: { trial: string; value: number } | null;
  searchGain: number | null;
  /** Of the best trial over fresh seeds; null without a pair. */
  confirmedGain: MeanGain | null;
  /** How the best value improved, thinned. */
  improvements: Improvement[];
  phase: 'waiting' | 'searching' | 'confirming' | 'finished';
  trialsPerMinute: number | null;
  estimatedEnd: number | null;
  timeLeftMs: number | null;
}

/** The whole state of a job in one small answer. */
export interface JobStatusData
  extends Omit<JobSummaryData, 'best' | 'confirmedGain'>, Pick<JobRecord, 'reason' | 'seq' | 'runtime' | 'lastError'> {
  /** The rule that stopped the search before its budget was used up, and why in a few words. */
  stopped: { rule: StopRule; at: number; reason: string } | null;
  /** Enqueued points that are no trial yet. */
  enqueued: number;
  best: (NonNullable<JobRecord['best']> & { trial: string; atBound: BoundValue[] }) | null;
  /** Complete search trials that do not fulfill the measured constraints. */
  infeasible: number;
  /** The one of them that violates the constraints the least; null if there is none. */
  closest: NonNullable<JobRecord['closest']> | null;
  /** The Pareto front; null in jobs with one objective. */
  pareto: ParetoStatus | null;
  /** How often the reference diverged; null if it never did. */
  referenceDivergence: ReferenceDivergence | null;
  confirmed: (ConfirmedGain & { validation: ValidationGain[] })[];
  baselines: BaselineStatus[];
  /** Live workers that can run its trials. */
  workers: number;
}

/** Returns the state of a job from its record alone, for lists. `now` is the time of the ledger's clock, ms. */
export function summarizeJob({ job, spec, now }: Pick<JobView, 'job' | 'spec' | 'now'>): JobSummaryData {
  const { id, state, createdAt, startedAt, finishedAt, budget, counts, reference, best } = job;
  return {
    id,
    name: spec.name,
    labels: spec.labels,
    state,
    createdAt,
    startedAt,
    finishedAt,
    budget,
    settled: countSettled(job),
    counts,
    metric: getMetricName(spec),
    direction: getDirection(spec),
    reference,
    best: best && { trial: String(best.number), value: best.value },
    searchGain: computeSearchGain(job, getDirection(spec)),
    confirmedGain: findConfirmedGain(job),
    improvements: job.improvements ?? [],
    phase: findPhase(job),
    ...computePace(job, spec, now),
  };
}

function findConfirmedGain({ best, confirmedGain }: JobRecord): MeanGain | null {
  if (!best || confirmedGain?.trial !== best.number) return null;
  const { mean, interval, seeds } = confirmedGain;
  return { mean, interval, seeds };
}

/** Reads the status of a job. Throws NotFound. */
export async function readJobStatus(
  ledger: Ledger,
  jobId: string,
  workers: readonly WorkerInfo[],
): Promise<JobStatusData> {
  return describeJob(ledger, await ledger.readJob(jobId), workers);
}

/** As `readJobStatus`, of a job that was read already. Reads no trials of the search but confirmed ones. */
export async function describeJob(
  ledger: Ledger,
  view: JobView,
  workers: readonly WorkerInfo[],
): Promise<JobStatusData> {
  const { job, spec, enqueued } = view;
  // The value of a complete reference is on the job.
  const extras = job.extras.filter((id) => id !== REFERENCE_ID || job.reference === null);
  const trials = await ledger.readTrials(job.id, [...extras, ...listConfirmedNumbers(extras)]);
  const direction = getDirection(spec);
  const { confirmedGain: _, ...summary } = summarizeJob(view);
  return {
    ...summary,
    reason: job.reason,
    stopped: job.stopped ? { ...job.stopped, reason: describeStop(job.stopped.rule, spec) } : null,
    enqueued: enqueued.length,
    seq: job.seq,
    best: job.best && {
      ...job.best,
      trial: String(job.best.number),
      atBound: listBounds(job.best.point, buildSearchSpace(spec).space),
    },
    infeasible: job.infeasible ?? 0,
    closest: job.closest ?? null,
    pareto: describePareto(job, spec.objectives),
    referenceDivergence: findReferenceDivergence(trials, spec.confirm.seeds),
    confirmed: computeConfirmedGains(trials, { direction, seeds: spec.confirm.seeds }).map((gain) => ({
      ...gain,
      validation: listValidationGains(trials, spec, gain.number),
    })),
    baselines: describeBaselines(spec, trials),
    runtime: job.runtime,
    workers: countWorkers(job, spec, workers),
    lastError: job.lastError,
  };
}

/** Counts the live workers that can run the job's trials; for an external objective, the programs that run one. */
export function countWorkers(job: JobRecord, spec: JobSpec, workers: readonly WorkerInfo[]): number {
  if (spec.objective.kind === 'external') return job.counts.running;
  return listAbleWorkers(job, spec, workers).length;
}

function findPhase(job: JobRecord): JobStatusData['phase'] {
  if (!isActive(job.state)) return 'finished';
  if (job.state === 'queued') return 'waiting';
  return getRemainingBudget(job) > 0 || job.counts.pending + job.counts.running > 0 ? 'searching' : 'confirming';
}

/** Returns the trials that settle in a minute, and when all that the job still needs have settled at this pace. */
function computePace(
  job: JobRecord,
  spec: JobSpec,
  now: number,
): Pick<JobSummaryData, 'trialsPerMinute' | 'estimatedEnd' | 'timeLeftMs'> {
  const pace = measurePace(job, now);
  if (!pace || pace.settled <= 0) return { trialsPerMinute: null, estimatedEnd: null, timeLeftMs: null };
  const trialsPerMinute = pace.settled / (pace.workedMs / 60_000);
  const left = job.state === 'running' ? countTrialsLeft(job, spec) : 0;
  if (left <= 0) return { trialsPerMinute, estimatedEnd: null, timeLeftMs: null };
  const timeLeftMs = Math.round((left / trialsPerMinute) * 60_000);
  return { trialsPerMinute, estimatedEnd: now + timeLeftMs, timeLeftMs };
}
