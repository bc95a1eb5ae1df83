import type { TrialDetail } from '@gradsmith/contract';
import type { ExportedJob } from '../exported-job.ts';
import { describeRun, JOB_TAG, TRIAL_TAG, VERSION_TAG, type DescribedRun } from './describe-run.ts';
import type { MlflowClient } from './mlflow-client.ts';

/** Trials that are sent at the same time. */
const PARALLEL = 4;
/** Limits of one `log-batch`: mlflow/utils/validation.py. */
const MAX_METRICS = 1_000;
const MAX_PARAMS = 100;

export interface MlflowSummary {
  experimentId: string;
  /** Runs that were created. */
  created: number;
  /** Runs that were there already, with the same version of their trial. */
  unchanged: number;
  /** Runs that were deleted: of trials that changed since, or of an export that was interrupted. */
  replaced: number;
}

interface Existing {
  /** Runs that hold a trial in full, by trial and version. */
  current: Map<string, string>;
  /** Ids of all runs by trial. */
  byTrial: Map<string, string[]>;
}

/**
 * Writes a job as an experiment of MLflow, one run for each trial that has started. Exported again, it creates runs for
 * new trials, replaces those of trials that changed, and leaves all others alone.
 *
 * @throws MlflowUnreachable or MlflowRefused
 */
export async function exportToMlflow(
  client: MlflowClient,
  job: ExportedJob,
  trials: AsyncIterable<TrialDetail>,
  experiment: string,
): Promise<MlflowSummary> {
  const experimentId = await client.ensureExperiment(experiment);
  const existing = await readExistingRuns(client, experimentId, job);
  const summary = { experimentId, created: 0, unchanged: 0, replaced: 0 };
  const sendTrial = async (trial: TrialDetail): Promise<void> => {
    const described = describeRun(job, trial);
    const kept = existing.current.get(toKey(trial.id, described.version));
    if (kept !== undefined) summary.unchanged++;
    else summary.created++;
    const outdated = (existing.byTrial.get(trial.id) ?? []).filter((id) => id !== kept);
    summary.replaced += outdated.length;
    for (const id of outdated) await client.deleteRun(id);
    if (kept === undefined) await createRun(client, experimentId, described);
  };
  await forEachParallel(selectStarted(trials), sendTrial);
  return summary;
}

async function readExistingRuns(client: MlflowClient, experimentId: string, job: ExportedJob): Promise<Existing> {
  const existing: Existing = { current: new Map(), byTrial: new Map() };
  for await (const { id, tags } of client.listRuns(experimentId, `tags.\`${JOB_TAG}\` = '${job.id}'`)) {
    const trial = tags.get(TRIAL_TAG) ?? '';
    existing.byTrial.set(trial, [...(existing.byTrial.get(trial) ?? []), id]);
    const version = tags.get(VERSION_TAG);
    if (version !== undefined) existing.current.set(toKey(trial, version), id);
  }
  return existing;
}

function toKey(trial: string, version: string): string {
  return `${trial} ${version}`;
}

async function* selectStarted(trials: AsyncIterable<TrialDetail>): AsyncGenerator<TrialDetail> {
  for await (const trial of trials) if (trial.attempts.length) yield trial;
}

/** The version is set last: without it, the next export replaces the run. */
async function createRun(client: MlflowClient, experimentId: string, run: DescribedRun): Promise<void> {
  const { name, startTime, tags, params, metrics, status, endTime, version } = run;
  const id = await client.createRun(experimentId, name, startTime, tags);
  for (const batch of splitInto(params, MAX_PARAMS)) await client.logBatch(id, { params: batch });
  for (const batch of splitInto(metrics, MAX_METRICS)) await client.logBatch(id, { metrics: batch });
  await client.updateRun(id, status, endTime);
  await client.setTag(id, { key: VERSION_TAG, value: version });
}

function splitInto<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** Does the work for each item, a few at the same time. After the first error, no further item is begun. */
async function forEachParallel<T>(items: AsyncGenerator<T>, work: (item: T) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  const workThrough = async (): Promise<void> => {
    while (!errors.length) {
      const { value, done } = await items.next();
      if (done) return;
      await work(value);
    }
  };
  const keepError = (error: unknown): void => void errors.push(error);
  await Promise.all(Array.from({ length: PARALLEL }, async () => workThrough().catch(keepError)));
  if (errors.length) throw errors[0];
}
