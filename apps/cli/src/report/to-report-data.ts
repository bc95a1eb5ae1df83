import { importance } from '@gradsmith/bayesopt';
import type {
  BFunctionData,
  ConfirmationData,
  FactData,
  ImportanceData,
  ParameterData,
  ReportData,
  TrialData,
} from '@gradsmith/charts';
import {
  activationDerivative,
  backwardExpression,
  confirmedGains,
  decodeCurve,
  directionOf,
  evaluate,
  isTraining,
  metricNameOf,
  objectiveOf,
  observationsAt,
  planTraining,
  ranking,
  REFERENCE_ID,
  searchInputs,
  spaceOf,
  type Expression,
  type JobDocument,
  type JobSpec,
  type TrialRecord,
} from '@gradsmith/core';
import { stringify } from 'yaml';

/** Best trials whose curve and b-function the report shows. */
const SHOWN = 3;
/** Where b-functions are sampled, in units of the pre-activation. */
const Z = Array.from({ length: 401 }, (_, i) => -5 + i / 40);

/** Everything the report of a job is drawn from. `now` is printed as the moment it was made. */
export function toReportData(document: JobDocument, now: Date | null): ReportData {
  const { spec, job, trials } = document;
  const best = ranking(trials, spec).slice(0, SHOWN);
  const shown = new Set(best.map(({ id }) => id));
  const curveOf = (id: string): { curve?: Float32Array } =>
    document.curves[id] ? { curve: decodeCurve(document.curves[id]) } : {};
  const reference = trials.find(({ id }) => id === REFERENCE_ID);
  return {
    title: spec.name,
    jobId: job.id,
    state: job.state,
    generatedAt: now && now.toISOString(),
    metric: { name: metricNameOf(spec) === 'aulc' ? 'AULC' : metricNameOf(spec), direction: directionOf(spec) },
    parameters: parametersOf(document),
    trials: trials
      .filter(({ role }) => role === 'search')
      .map((trial): TrialData => ({
        number: trial.number!,
        state: trial.state,
        value: trial.result?.value ?? null,
        point: trial.point,
        ...(shown.has(trial.id) ? curveOf(trial.id) : {}),
      })),
    budget: job.budget,
    reference: reference ? { value: job.reference, ...curveOf(REFERENCE_ID) } : null,
    confirmations: confirmationsOf(document),
    bFunctions: bFunctionsOf(document, best),
    importance: importanceOf(document),
    facts: factsOf(document),
    reproduce: { jobFile: stringify(spec), commands: ['gradsmith run job.yaml', `gradsmith replay ${job.id}`] },
  };
}

function parametersOf({ spec }: JobDocument): ParameterData[] {
  return Object.entries(spaceOf(spec).space).map(([name, parameter]) => ({ name, ...parameter }));
}

function confirmationsOf({ trials, spec }: JobDocument): ConfirmationData[] {
  return confirmedGains(trials, spec).map(({ number, gains, mean, interval }) => ({
    number,
    mean,
    interval,
    gains: gains.map(({ seedIndex, gain }) => ({ seed: seedIndex, gain })),
  }));
}

/** For each layer with a replaced derivative, the b-functions of the best trials as they were trained. */
function bFunctionsOf({ spec }: JobDocument, best: readonly TrialRecord[]): BFunctionData[] {
  if (!isTraining(spec)) return [];
  const { layers } = planTraining(spec.objective);
  const sample = (expression: Expression): number[] => Z.map((z) => evaluate(expression, z));
  return spec.objective.backward.flatMap(({ layer, derivative }, i) => {
    const activation = layers.find(({ name }) => name === layer);
    if (!derivative || activation?.type !== 'activation') return [];
    const found = best.map((trial) => {
      const { derivative: trained, mask } = objectiveOf(spec, trial).backward[i]!;
      return {
        number: trial.number!,
        g: sample(backwardExpression({ derivative: trained!, mask }, activation.function)),
      };
    });
    return [
      {
        layer,
        activation: activation.function,
        z: Z,
        derivative: sample(activationDerivative(activation.function)),
        found,
      },
    ];
  });
}

/** With fewer complete trials than this the model says little of the objective. */
const ENOUGH = 5;

function importanceOf({ spec, job, trials }: JobDocument): ImportanceData[] {
  const { space, settings } = searchInputs(spec);
  const history = observationsAt(spec, trials, job.seq);
  if (history.filter(({ status }) => status === 'complete').length < ENOUGH) return [];
  return importance(space, settings, history).map(({ name, total }) => ({ name, share: total }));
}

function factsOf({ spec, job, trials }: JobDocument): FactData[] {
  const provenance =
    trials.find(({ result }) => result && Object.keys(result.provenance).length)?.result?.provenance ?? {};
  const trainingMs = trials.reduce(
    (sum, { attempts }) =>
      sum + attempts.reduce((ms, { startedAt, endedAt }) => ms + ((endedAt ?? startedAt) - startedAt), 0),
    0,
  );
  const wallMs = job.startedAt !== null && job.endedAt !== null ? job.endedAt - job.startedAt : null;
  const searched = trials.filter(({ role }) => role === 'search').length;
  return [
    ...trainingFacts(spec),
    {
      label: 'Search',
      value: `${spec.search.algorithm}, ${searched} of ${job.budget} trials, ${spec.search.initial} initial, up to ${spec.search.maxParallelism} at once, seed ${spec.search.seed}`,
    },
    {
      label: 'Seeds',
      value: `${spec.objective.seed} for the search, ${spec.confirm.seeds} fresh ones for the confirmation`,
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

function trainingFacts(spec: JobSpec): FactData[] {
  if (!isTraining(spec)) return [];
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
      value: `${optimizer.name}, learning rate ${optimizer.learningRate}, ${epochs} epochs of ${stepsPerEpoch} steps, batches of ${batchSize}`,
    },
  ];
}
