import { formatCsvRow } from '@gradsmith/core/domain';
import type { TrialDetail } from './trial-resources.ts';

/** What the curves of a job are of. */
export interface MeasuredJob {
  metric: string;
  /** Whether its trials are trainings: then their curves are losses. */
  isTraining: boolean;
}

/** The training loss of a trial, among its series. */
const TRAINING_LOSS = 'training loss';

/** What one attempt at a trial measured over its steps. */
export interface Curve {
  /** Index of the attempt, from 1. */
  attempt: number;
  /** The metric, or `training loss`. */
  series: string;
  points: readonly { step: number; value: number }[];
}

/** One point of a curve. */
export interface CurveRow {
  trial: string;
  role: string;
  number: number | null;
  attempt: number;
  series: string;
  step: number;
  value: number;
}

/**
 * Lists the curves of every attempt at a trial. The attempt whose result counts has the training loss of every step;
 * other attempts have the reports that were kept.
 */
export function listCurves(job: MeasuredJob, trial: TrialDetail): Curve[] {
  const result = trial.attempts.findLastIndex(({ outcome }) => outcome === 'reported');
  return trial.attempts.flatMap(({ values, losses }, i) => {
    const measured = i === result ? trial.curve.map((value, index) => ({ step: index + 1, value })) : [];
    const isLoss = job.isTraining && measured.length > 0;
    const reported = values.length || job.isTraining ? values : measured;
    return [
      { attempt: i + 1, series: job.metric, points: reported },
      { attempt: i + 1, series: TRAINING_LOSS, points: isLoss ? measured : losses },
    ].filter(({ points }) => points.length > 0);
  });
}

/** Lists the curves of the last attempt that measured anything: a program with one curve for each trial shows these. */
export function listLastCurves(job: MeasuredJob, trial: TrialDetail): Curve[] {
  const curves = listCurves(job, trial);
  return curves.filter(({ attempt }) => attempt === curves.at(-1)!.attempt);
}

/** Lists the points of all curves of each trial. */
export async function* listCurveRows(job: MeasuredJob, trials: AsyncIterable<TrialDetail>): AsyncGenerator<CurveRow> {
  for await (const trial of trials) {
    const { id, role, number } = trial;
    for (const { attempt, series, points } of listCurves(job, trial))
      for (const { step, value } of points) yield { trial: id, role, number, attempt, series, step, value };
  }
}

/** Writes points of curves as CSV (RFC 4180), one row at a time after a header. */
export async function* formatCurvesCsv(rows: AsyncIterable<CurveRow>): AsyncGenerator<string> {
  yield formatCsvRow(['trial', 'role', 'number', 'attempt', 'series', 'step', 'value']);
  for await (const { trial, role, number, attempt, series, step, value } of rows)
    yield formatCsvRow([trial, role, number, attempt, series, step, value]);
}
