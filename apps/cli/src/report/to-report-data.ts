import {
  createConfirmation,
  createParetoData,
  describeCurves,
  formatMetricName,
  listImplicitRates,
  listParameters,
  readTrialState,
  sampleLayers,
  type AttemptData,
  type ConfirmationData,
  type ParetoData,
  type PathsData,
  type ReportData,
  type RunData,
  type TrialData,
} from '@gradsmith/charts';
import { toBaseline } from '@gradsmith/contract';
import {
  computeConfirmedGains,
  decodeCurve,
  findReferenceDivergence,
  makeConfirmTrialId,
  REFERENCE_ID,
} from '@gradsmith/core/domain';
import { describeBaselines, listValidationGains, type JobDocument } from '@gradsmith/core/jobs';
import {
  describePareto,
  describeReference,
  getDirection,
  getMetricName,
  getPrunedValue,
  isTrainingJob,
  listBaselineLimits,
} from '@gradsmith/core/spec';
import { thinCurve } from '@gradsmith/core/trials';
import { stringify } from 'yaml';
import { describeDifferences } from './describe-differences.ts';
import { fitModel } from './fit-model.ts';
import { listFacts } from './list-facts.ts';
import { listShownTrials } from './list-shown-trials.ts';

/** Best trials whose curve and b-function the report shows. */
const SHOWN = 3;

/** Returns the data of a job's report. `now` is printed as the time of its creation, and `paths` by `measurePaths`. */
export function toReportData(document: JobDocument, now: Date | null, paths: PathsData | null = null): ReportData {
  const { spec, job, trials } = document;
  const best = listShownTrials(document, SHOWN);
  const shown = new Set(best.map(({ id }) => id));
  const findCurve = (id: string): { curve?: Float32Array } =>
    Object.hasOwn(document.curves, id) ? { curve: decodeCurve(document.curves[id]!) } : {};
  const reference = trials.find(({ id }) => id === REFERENCE_ID);
  return {
    title: spec.name,
    jobId: job.id,
    state: job.state,
    generatedAt: now && now.toISOString(),
    metric: {
      name: formatMetricName(getMetricName(spec)),
      direction: getDirection(spec),
      prunedValue: getPrunedValue(spec),
    },
    curveMeaning: describeCurves(spec),
    pareto: describeFront(document),
    parameters: listParameters(spec),
    trials: trials
      .filter(({ role }) => role === 'search')
      .map((trial): TrialData => ({
        number: trial.number!,
        state: readTrialState(trial),
        value: trial.result?.value ?? null,
        point: trial.point,
        ...(shown.has(trial.id) ? findCurve(trial.id) : {}),
      })),
    attempts: listAttempts(document),
    budget: job.budget,
    reference:
      reference && isTrainingJob(spec)
        ? {
            ...describeReference(spec),
            value: job.reference,
            divergence: findReferenceDivergence(trials, spec.confirm.seeds),
            ...findCurve(REFERENCE_ID),
            runs: listRuns(document, null),
          }
        : null,
    confirmations: listConfirmations(document),
    baselines: describeBaselines(spec, trials).map(toBaseline),
    baselineLimits: isTrainingJob(spec) ? listBaselineLimits(spec) : [],
    bFunctions: sampleLayers(
      spec,
      best.map(({ number, point }) => ({ number: number!, point })),
    ),
    implicitRates: best
      .slice(0, 1)
      .flatMap(({ number, point, result }) => listImplicitRates(spec, { number: number!, point, ...result! })),
    paths,
    ...fitModel(document),
    facts: listFacts(document),
    reproduce: {
      jobFile: stringify(spec),
      commands: ['gradsmith run job.yaml', `gradsmith replay ${job.id}`],
      notes: describeDifferences(spec),
    },
  };
}

function listAttempts({ trials, job }: JobDocument): AttemptData[] {
  const now = trials.reduce((latest, { settledAt }) => Math.max(latest, settledAt ?? 0), job.createdAt);
  return trials.flatMap(({ id, attempts }) =>
    attempts.map(({ worker, startedAt, finishedAt, outcome }) => ({
      trial: id,
      worker,
      startedAt,
      finishedAt: finishedAt ?? Math.max(now, startedAt),
      outcome,
    })),
  );
}

function listConfirmations(document: JobDocument): ConfirmationData[] {
  const { trials, spec } = document;
  const parameters = listParameters(spec);
  return computeConfirmedGains(trials, { direction: getDirection(spec), seeds: spec.confirm.seeds }).map((gain) => {
    const { number } = gain;
    const point = trials.find(({ id }) => id === String(number))?.point ?? {};
    const validation = listValidationGains(trials, spec, number);
    return createConfirmation({ ...gain, runs: listRuns(document, number), validation }, point, parameters);
  });
}

/** Returns the curves of a search trial, or of the reference (null), on fresh seeds. */
function listRuns({ spec, curves }: JobDocument, candidate: number | null): RunData[] {
  const ids = Array.from({ length: spec.confirm.seeds }, (_, i) => makeConfirmTrialId(candidate, i));
  return ids.flatMap((id) => (Object.hasOwn(curves, id) ? [thinCurve(spec, decodeCurve(curves[id]!))] : []));
}

/** Describes the Pareto front and all other outcomes; null for one objective. */
function describeFront({ spec, job, trials }: JobDocument): ParetoData | null {
  const pareto = describePareto(job, spec.objectives);
  if (!pareto) return null;
  const searched = trials.flatMap(({ role, number, state, result, feasible }) =>
    role === 'search' && number !== null && result
      ? [{ number, state, value: result.value, metrics: result.metrics, feasible }]
      : [],
  );
  return createParetoData(spec, pareto, searched);
}
