import { listLastCurves, type TrialDetail } from '@gradsmith/contract';
import type { ExportedJob } from '../exported-job.ts';
import { listResults } from '../list-results.ts';
import type { Metric, RunStatus, Tag } from './mlflow-client.ts';
import { toMlflowName } from './names.ts';

/** Tags by which an export finds its runs again. */
export const JOB_TAG = 'gradsmith.job';
export const TRIAL_TAG = 'gradsmith.trial';
/** Set last: names the version of the trial that the run holds in full. */
export const VERSION_TAG = 'gradsmith.version';

/** A trial as MLflow stores it. */
export interface DescribedRun {
  name: string;
  status: RunStatus;
  /** Ms since 1970. */
  startTime: number;
  endTime: number | null;
  tags: Tag[];
  params: Tag[];
  metrics: Metric[];
  version: string;
}

const statuses: Readonly<Record<TrialDetail['state'], RunStatus>> = {
  pending: 'RUNNING',
  running: 'RUNNING',
  complete: 'FINISHED',
  pruned: 'FINISHED',
  diverged: 'FINISHED',
  failed: 'FAILED',
  cancelled: 'KILLED',
};

/** Describes a trial as a run. Points of a curve have the time of the attempt's start, because reports have none. */
export function describeRun(job: ExportedJob, trial: TrialDetail): DescribedRun {
  const startTime = Date.parse(trial.attempts.at(-1)?.startedAt ?? trial.createdAt);
  const endTime = trial.settledAt === null ? null : Date.parse(trial.settledAt);
  return {
    name: trial.number === null ? trial.id : `trial ${trial.id}`,
    status: statuses[trial.state],
    startTime,
    endTime,
    tags: listTags(job, trial),
    params: Object.entries(trial.point).map(([key, value]) => ({ key, value: String(value) })),
    metrics: listMetrics(job, trial, startTime, endTime ?? startTime),
    version: computeVersion(trial),
  };
}

function listTags(job: ExportedJob, { id, role, state, source, reason, feasible }: TrialDetail): Tag[] {
  const tags = {
    [JOB_TAG]: job.id,
    [TRIAL_TAG]: id,
    'gradsmith.state': state,
    'gradsmith.role': role,
    'gradsmith.source': source,
    'gradsmith.objectives': job.objectives.map(({ metric, goal }) => `${goal} ${metric}`).join(', '),
  };
  const optional = { 'gradsmith.feasible': feasible?.toString(), 'gradsmith.reason': reason ?? undefined };
  return Object.entries({ ...tags, ...optional }).flatMap(([key, value]) =>
    value === undefined ? [] : { key, value },
  );
}

/** Lists the points of the curves as `curve/NAME`, then the results. The first of two metrics with one name counts. */
function listMetrics(job: ExportedJob, trial: TrialDetail, startTime: number, endTime: number): Metric[] {
  const curves = listLastCurves(job, trial);
  const reported = curves.flatMap(({ series, points }) => {
    const key = `curve/${toMlflowName(series).slice(0, 240)}`;
    return points.map(({ step, value }) => ({ key, value, timestamp: startTime, step }));
  });
  const step = Math.max(0, ...curves.map(({ points }) => points.at(-1)!.step));
  const results = new Map<string, Metric>();
  for (const [name, value] of listResults(job, trial)) {
    const key = toMlflowName(name);
    if (!results.has(key)) results.set(key, { key, value, timestamp: endTime, step });
  }
  return [...reported, ...results.values()];
}

/** Returns a text that changes whenever an export of the trial would differ. */
function computeVersion({ state, settledAt, attempts, progress }: TrialDetail): string {
  return [state, settledAt ?? '', attempts.length, progress?.step ?? ''].join(' ');
}
