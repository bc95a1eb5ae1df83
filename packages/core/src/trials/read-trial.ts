import { NotFound } from '../domain/errors.ts';
import type { Recording } from '../domain/recording.ts';
import type { AttemptKey, ReportPoint, ReportsRecord } from '../domain/reports.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { decodeCurve } from '../domain/trial-result.ts';
import type { JobView } from '../ledger/job-view.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { computeMeanLosses } from '../objective/metric.ts';
import { planTraining } from '../objective/schema.ts';
import { isTrainingJob, type JobSpec } from '../spec/job-spec.ts';

/**
 * Reads one trial.
 *
 * @throws NotFound if there is no such job or no such trial
 */
export async function readTrial(ledger: Ledger, jobId: string, trialId: string): Promise<TrialRecord> {
  await ledger.readJob(jobId);
  const [trial] = await ledger.readTrials(jobId, [trialId]);
  if (!trial) throw new NotFound(`trial ${trialId} of job ${jobId}`);
  return trial;
}

export interface ReportedValue {
  step: number;
  value: number;
}

/** What an attempt has reported, thinned out. */
export interface AttemptReports {
  /** Intermediate values of the metric. */
  values: ReportedValue[];
  /** Of trainings: the mean loss of the steps since the point before. */
  losses: ReportedValue[];
}

export interface TrialDetail {
  trial: TrialRecord;
  /** Empty until a result is reported. */
  curve: number[];
  /** null if the job records no weights. */
  recording: Recording | null;
  /** One entry for each attempt of the trial, in the same order. */
  reports: AttemptReports[];
}

/**
 * Reads one trial with its curve and with what its attempts have reported.
 *
 * @throws NotFound if there is no such job or no such trial
 */
export async function readTrialDetail(ledger: Ledger, jobId: string, trialId: string): Promise<TrialDetail> {
  const { spec } = await ledger.readJob(jobId);
  const trial = await readTrial(ledger, jobId, trialId);
  const [curve] = await ledger.readCurves(jobId, [trialId]);
  const [recording = null] = await ledger.readRecordings(jobId, [trialId]);
  return {
    trial,
    curve: Array.from(decodeCurve(curve!)),
    recording,
    reports: await readAttemptReports(ledger, spec, jobId, listAttemptKeys(trial)),
  };
}

/** Reads those of the trials that exist, with their curves and what their attempts have reported. */
export async function readMeasurements(
  ledger: Ledger,
  { spec, job }: Pick<JobView, 'spec' | 'job'>,
  ids: readonly string[],
): Promise<Omit<TrialDetail, 'recording'>[]> {
  const trials = await ledger.readTrials(job.id, ids);
  const curves = await ledger.readCurves(
    job.id,
    trials.map(({ id }) => id),
  );
  const reports = await readAttemptReports(ledger, spec, job.id, trials.flatMap(listAttemptKeys));
  return trials.map((trial, i) => ({
    trial,
    curve: Array.from(decodeCurve(curves[i]!)),
    reports: reports.splice(0, trial.attempts.length),
  }));
}

/** Reads what attempts have reported, in the order of `keys`. */
export async function readAttemptReports(
  ledger: Ledger,
  spec: JobSpec,
  jobId: string,
  keys: readonly AttemptKey[],
): Promise<AttemptReports[]> {
  return (await ledger.readReports(jobId, keys)).map((record) => describeReports(spec, record));
}

/** Lists the attempts of a trial, under whose names the ledger keeps their reports. */
export function listAttemptKeys({ id, attempts }: TrialRecord): AttemptKey[] {
  return attempts.map((attempt) => ({ trialId: id, attemptId: attempt.id }));
}

function describeReports(spec: JobSpec, record: ReportsRecord | null): AttemptReports {
  const sums = record?.sums?.points ?? [];
  const losses = isTrainingJob(spec) ? computeMeanLosses(sums, planTraining(spec.objective).steps) : [];
  const describe = ([step, value]: ReportPoint): ReportedValue => ({ step, value });
  return {
    values: (record?.values?.points ?? []).map(describe),
    losses: losses.map((value, i) => ({ step: sums[i]![0], value })),
  };
}
