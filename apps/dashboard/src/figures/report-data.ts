import {
  describeCurves,
  listParameters,
  namePoint,
  sampleLayers,
  type AttemptData,
  type OutcomeData,
  type ParetoData,
  type ReportData,
  type TrialData,
} from '@gradsmith/charts';
import { type JobStatus } from '@gradsmith/contract';
import {
  describeReference,
  isTrainingJob,
  listBaselineLimits,
  readObjectives,
  type JobSpec,
} from '@gradsmith/core/spec';
import { listMarkedRows, type TrialRow } from '../data/trial-rows.ts';
import { formatMetricName } from '../parts/format.ts';

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
    metric: { name: formatMetricName(status.metric), direction: status.direction },
    curveMeaning: describeCurves(spec),
    pareto: toParetoData(spec, status, known),
    parameters,
    // A row is the data of its trial as it is, and there may be very many.
    trials: known.map((row): TrialData =>
      row.state === 'complete' && row.feasible === false ? { ...row, state: 'infeasible' } : row,
    ),
    attempts: listAttempts(known),
    budget: status.budget,
    reference: isTrainingJob(spec) ? { ...describeReference(spec), value: status.reference } : null,
    confirmations: status.confirmed.map(({ trial, meanGain, interval, gains, validation }) => {
      const name = namePoint(parameters, rows[Number(trial)]?.point ?? {});
      const confirmation = {
        number: Number(trial),
        mean: meanGain,
        interval,
        gains: gains.map(({ seedIndex, gain }) => ({ seed: seedIndex, gain })),
        validation: validation.map(({ metric, meanGain: mean, interval: range }) => ({
          metric,
          mean,
          interval: range,
        })),
      };
      return name === undefined ? confirmation : { ...confirmation, name };
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

/** Returns the outcomes of a job with several objectives: its Pareto front, and all other complete trials. */
function toParetoData(spec: JobSpec, { pareto }: JobStatus, rows: readonly TrialRow[]): ParetoData | null {
  if (!pareto) return null;
  const { objectives, front, hypervolume, reference } = pareto;
  const onFront = new Set(front.map(({ trial }) => Number(trial)));
  const others = rows.flatMap(({ number, state, value, metrics, feasible }): OutcomeData[] => {
    if (state !== 'complete' || value === null || onFront.has(number)) return [];
    const values = readObjectives(spec, { value, metrics });
    return values ? [{ number, values, kind: feasible === false ? 'infeasible' : 'dominated' }] : [];
  });
  return {
    objectives: objectives.map(({ metric, goal }) => ({ name: formatMetricName(metric), direction: goal })),
    outcomes: [
      ...front.map(({ trial, values }): OutcomeData => ({ number: Number(trial), values, kind: 'front' })),
      ...others,
    ],
    hypervolume,
    reference,
  };
}

/** Number of best trials whose curves are shown. */
export const SHOWN = 3;
