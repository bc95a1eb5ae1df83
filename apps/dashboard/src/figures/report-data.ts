import {
  createConfirmation,
  createParetoData,
  describeCurves,
  formatMetricName,
  listParameters,
  readTrialState,
  sampleLayers,
  type AttemptData,
  type ReportData,
  type TrialData,
} from '@gradsmith/charts';
import { type JobStatus } from '@gradsmith/contract';
import {
  describeReference,
  getPrunedValue,
  isTrainingJob,
  listBaselineLimits,
  type JobSpec,
} from '@gradsmith/core/spec';
import { listMarkedRows, type TrialRow } from '../data/trial-rows.ts';

export interface ReportSource {
  readonly spec: JobSpec;
  readonly status: JobStatus;
  readonly rows: readonly TrialRow[];
}

/**
 * Returns the data from which the charts package draws figures and computes the verdict. Curves and importance are read
 * by the figures that show them, so that the others are not drawn again when they arrive.
 */
export function toReportData({ spec, status, rows }: ReportSource): ReportData {
  const known = rows.filter((row) => row !== undefined);
  const parameters = listParameters(spec);
  return {
    title: status.name,
    jobId: status.id,
    state: status.state,
    generatedAt: null,
    metric: {
      name: formatMetricName(status.metric),
      direction: status.direction,
      prunedValue: getPrunedValue(spec),
    },
    curveMeaning: describeCurves(spec),
    pareto: status.pareto && createParetoData(spec, readFront(status.pareto), known),
    parameters,
    // A row is the data of its trial as it is, and there may be very many.
    trials: known.map((row): TrialData => {
      const state = readTrialState(row);
      return state === row.state ? row : { ...row, state };
    }),
    attempts: listAttempts(known),
    budget: status.budget,
    reference: isTrainingJob(spec)
      ? { ...describeReference(spec), value: status.reference, divergence: status.referenceDivergence }
      : null,
    confirmations: status.confirmed.map(({ trial, meanGain, interval, gains, validation }) => {
      const number = Number(trial);
      const inMetrics = validation.map(({ metric, meanGain: mean, interval: range }) => ({
        metric,
        mean,
        interval: range,
      }));
      const source = { number, mean: meanGain, interval, gains, validation: inMetrics };
      return createConfirmation(source, rows[number]?.point ?? {}, parameters);
    }),
    baselines: status.baselines,
    baselineLimits: isTrainingJob(spec) ? listBaselineLimits(spec) : [],
    bFunctions: sampleLayers(spec, listMarkedRows(known, status, SHOWN)),
    facts: [],
    reproduce: { jobFile: '', commands: [], notes: [] },
  };
}

/** Attempts of a timeline, at most: only the latest are drawn. */
const MOST_ATTEMPTS = 2_000;

function listAttempts(rows: readonly TrialRow[]): AttemptData[] {
  const now = Date.now();
  return rows
    .slice(-MOST_ATTEMPTS)
    .flatMap(({ number, tries }) =>
      tries.map((one) => ({ ...one, trial: String(number), finishedAt: one.finishedAt ?? now })),
    );
}

/** Returns the Pareto front of a status with the numbers of its trials. */
function readFront(pareto: NonNullable<JobStatus['pareto']>): Parameters<typeof createParetoData>[1] {
  return { ...pareto, front: pareto.front.map(({ trial, values }) => ({ number: Number(trial), values })) };
}

/** Number of best trials whose curves are shown. */
export const SHOWN = 3;
