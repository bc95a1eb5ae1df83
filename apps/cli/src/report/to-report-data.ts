import { algorithms } from '@gradsmith/bayesopt';
import {
  describeCurves,
  listImplicitRates,
  listParameters,
  namePoint,
  sampleLayers,
  type AttemptData,
  type ConfirmationData,
  type FactData,
  type PathsData,
  type ReportData,
  type RunData,
  type OutcomeData,
  type ParetoData,
  type TrialData,
} from '@gradsmith/charts';
import { toBaseline } from '@gradsmith/contract';
import { computeConfirmedGains, decodeCurve, makeConfirmTrialId, REFERENCE_ID } from '@gradsmith/core/domain';
import { describeBaselines, listValidationGains, type JobDocument } from '@gradsmith/core/jobs';
import { planTraining } from '@gradsmith/core/objective';
import {
  countTrialSeeds,
  describeStop,
  describeReference,
  describePareto,
  getDirection,
  readObjectives,
  isTrainingJob,
  getMetricName,
  listBaselineLimits,
  listBaselines,
  getBaselineBudget,
  type JobSpec,
  getPruningRule,
} from '@gradsmith/core/spec';
import { MAX_MODEL_TRIALS, measureImportance, measureModel, thinCurve } from '@gradsmith/core/trials';
import { stringify } from 'yaml';
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
    metric: { name: getMetricName(spec) === 'aulc' ? 'AULC' : getMetricName(spec), direction: getDirection(spec) },
    curveMeaning: describeCurves(spec),
    pareto: describeFront(document),
    parameters: listParameters(spec),
    trials: trials
      .filter(({ role }) => role === 'search')
      .map((trial): TrialData => ({
        number: trial.number!,
        state: trial.feasible === false && trial.state === 'complete' ? 'infeasible' : trial.state,
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

/** Says why the same job file can give other points when it is run again. */
function describeDifferences(spec: JobSpec): string[] {
  const { algorithm, maxParallelism } = spec.search;
  const { hasModel } = algorithms[algorithm];
  const comparesTrials = ['median', 'asha', 'predicted', 'patience'].includes(getPruningRule(spec));
  if (maxParallelism === 1 || !(hasModel || comparesTrials)) return [];
  const affected = hasModel ? 'other points are proposed' : 'other trials are pruned';
  return [
    `With maxParallelism ${maxParallelism}, trials run at the same time and finish in another order each time. So ` +
      `${affected} when the job is run again. With maxParallelism: 1, the same runtime gives the same points and ` +
      'values. gradsmith replay computes the recorded points again in their recorded order.',
  ];
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
  return computeConfirmedGains(trials, { direction: getDirection(spec), seeds: spec.confirm.seeds }).map(
    ({ number, gains, mean, interval }) => {
      const name = namePoint(parameters, trials.find(({ id }) => id === String(number))?.point ?? {});
      const confirmation = {
        number,
        mean,
        interval,
        gains: gains.map(({ seedIndex, gain }) => ({ seed: seedIndex, gain })),
        runs: listRuns(document, number),
        validation: listValidationGains(trials, spec, number),
      };
      return name === undefined ? confirmation : { ...confirmation, name };
    },
  );
}

/** Returns the curves of a search trial, or of the reference (null), on fresh seeds. */
function listRuns({ spec, curves }: JobDocument, candidate: number | null): RunData[] {
  const ids = Array.from({ length: spec.confirm.seeds }, (_, i) => makeConfirmTrialId(candidate, i));
  return ids.flatMap((id) => (Object.hasOwn(curves, id) ? [thinCurve(spec, decodeCurve(curves[id]!))] : []));
}

/** With fewer complete trials, the model describes the objective too poorly. */
const ENOUGH = 5;

/** Fits the model once for the importance of the parameters and once for what it expects. */
function fitModel({ spec, job, trials }: JobDocument): Pick<ReportData, 'importance' | 'model'> {
  const known = spec.search.known.filter(({ outcome }) => outcome === 'complete');
  const complete = trials.filter(({ role, state }) => role === 'search' && state === 'complete');
  if (known.length + complete.length < ENOUGH) return { importance: [], model: null };
  const last = trials.filter(({ role, state }) => role === 'search' && state !== 'cancelled').slice(-MAX_MODEL_TRIALS);
  return {
    importance: measureImportance(spec, job, last).map(({ name, total }) => ({ name, share: total })),
    model: measureModel(spec, job, last),
  };
}

function listFacts({ spec, job, trials }: JobDocument): FactData[] {
  const provenance =
    trials.find(({ result }) => result && Object.keys(result.provenance).length)?.result?.provenance ?? {};
  const trainingMs = trials.reduce(
    (sum, { attempts }) =>
      sum + attempts.reduce((ms, { startedAt, finishedAt }) => ms + ((finishedAt ?? startedAt) - startedAt), 0),
    0,
  );
  const wallMs = job.startedAt !== null && job.finishedAt !== null ? job.finishedAt - job.startedAt : null;
  const searched = trials.filter(({ role }) => role === 'search').length;
  return [
    ...listTrainingFacts(spec),
    {
      label: 'Search',
      value:
        `${spec.search.algorithm}, ${searched} of ${job.budget} trials, ${spec.search.initial} initial, ` +
        `up to ${spec.search.maxParallelism} at once, seed ${spec.search.seed}`,
    },
    ...listStopFacts(job, spec),
    ...listBaselineFacts(spec),
    {
      label: 'Seeds',
      value: `${describeSearchSeeds(spec)}, ${spec.confirm.seeds} fresh ones for the confirmation`,
    },
    { label: 'Backend', value: job.runtime ?? 'none yet' },
    ...(wallMs === null
      ? []
      : [
          {
            label: 'Wall time',
            value: `${(wallMs / 1000).toFixed(0)} s; ${(trainingMs / 1000).toFixed(0)} s of training`,
          },
        ]),
    ...Object.entries(provenance).map(([label, value]) => ({ label, value: String(value) })),
  ];
}

function describeSearchSeeds({ objective }: JobSpec): string {
  const count = countTrialSeeds(objective);
  if (count === 1) return `${objective.seed} for the search`;
  const others = count === 2 ? '1 that is' : `${count - 1} that are`;
  return `${count} for the search, over which each trial averages (${objective.seed} and ${others} derived from it)`;
}

function listStopFacts({ stopped }: JobDocument['job'], spec: JobSpec): FactData[] {
  return stopped ? [{ label: 'Search stopped', value: describeStop(stopped.rule, spec) }] : [];
}

function listBaselineFacts(spec: JobSpec): FactData[] {
  const baselines = listBaselines(spec);
  if (!baselines.length) return [];
  return [{ label: 'Baselines', value: `${baselines.join(' and ')}, ${getBaselineBudget(spec)} trials each` }];
}

function listTrainingFacts(spec: JobSpec): FactData[] {
  if (!isTrainingJob(spec)) return [];
  const { dataset, network, optimizer, epochs, batchSize } = spec.objective;
  const { stepsPerEpoch } = planTraining(spec.objective);
  return [
    {
      label: 'Data set',
      value: `${dataset.name}, ${dataset.train} training and ${dataset.validation} validation examples`,
    },
    { label: 'Network', value: 'layers' in network ? `${network.layers.length} layers of the job file` : network.name },
    {
      label: 'Training',
      value:
        `${optimizer.name}, learning rate ${optimizer.learningRate}, ${epochs} epochs of ` +
        `${stepsPerEpoch} steps, batches of ${batchSize}`,
    },
  ];
}

/** Describes the Pareto front and all other outcomes; null for one objective. */
function describeFront({ spec, job, trials }: JobDocument): ParetoData | null {
  const pareto = describePareto(job, spec.objectives);
  if (!pareto) return null;
  const front = new Set(pareto.front.map(({ number }) => number));
  const outcomes = trials.flatMap((trial): OutcomeData[] => {
    if (trial.role !== 'search' || trial.state !== 'complete' || trial.number === null) return [];
    const values = readObjectives(spec, trial.result!);
    const other = trial.feasible === false ? 'infeasible' : 'dominated';
    return values ? [{ number: trial.number, values, kind: front.has(trial.number) ? 'front' : other }] : [];
  });
  const objectives = pareto.objectives.map(({ metric, goal }) => ({ name: metric, direction: goal }));
  return { objectives, outcomes, hypervolume: pareto.hypervolume, reference: pareto.reference };
}
