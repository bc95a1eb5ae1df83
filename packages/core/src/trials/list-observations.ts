import type { Observation } from '@gradsmith/bayesopt';
import { belongsToSearch, type BaselineName } from '../domain/baselines.ts';
import { isBetter } from '../domain/direction.ts';
import type { Pruning } from '../domain/pruning.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { TrialResult } from '../domain/trial-result.ts';
import { trialMoves, type TrialState } from '../domain/trial-states.ts';
import { planTraining } from '../objective/schema.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';
import { measureExcess } from '../spec/measured-constraints.ts';
import { readObjectives } from '../spec/objectives.ts';
import { getPruningRule } from '../spec/pruning-rules.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Which trials are listed, and as of when. */
export interface ObservationQuery {
  /** The search of this baseline; by default that of the job. */
  baseline?: BaselineName | null;
  /** Number of the trial that the point is for; trials before it that were not created yet count as pending. */
  before?: number;
}

/**
 * Lists the search trials as the optimizer saw them after `seenSeq` changes of the job. With the latest `seq` this is
 * the input of the next suggestion; with a trial's recorded `seenSeq`, and its number as `before`, it is the input of
 * that trial's, whatever happened since (invariant 4). Trials before that number that were not created yet count as
 * pending: their points were known, and they were created together with the trial.
 */
export function listObservations(
  spec: JobSpec,
  trials: readonly TrialRecord[],
  seenSeq: number,
  { baseline = null, before = 0 }: ObservationQuery = {},
): Observation[] {
  const seen = trials.flatMap((trial): SeenTrial[] => {
    const isPlanned = trial.number !== null && trial.number < before;
    const last = findLastMove(trial, seenSeq);
    const state = last?.state ?? (isPlanned ? 'pending' : null);
    if (trial.number === null || !belongsToSearch(trial, baseline)) return [];
    if (state === null || state === 'cancelled') return [];
    const { point, result, number, source } = trial;
    const status = statuses[state];
    const observation: Mutable<Observation> = { number, point, status };
    const value = status === 'pending' || status === 'failed' ? undefined : getObservedValue(spec, trial);
    if (value !== undefined) observation.value = value;
    if (source.model) observation.model = source.model;
    if (baseline === null && status === 'complete' && result) addMeasurements(spec, observation, result);
    return [{ observation, seq: last?.seq ?? seenSeq, pruning: trial.pruning }];
  });
  const bounded = isMeasuredEarly(spec) && !isPredicted(spec) ? relaxBounds(spec, seen) : seen;
  const known = comparesAtSteps(spec) ? estimateFinals(spec, bounded) : bounded;
  const observations = known.map(({ observation }) => observation);
  return baseline === null ? [...listKnown(spec), ...observations] : observations;
}

interface SeenTrial {
  readonly observation: Observation;
  /** The change of the job with which the trial got its state. */
  readonly seq: number;
  readonly pruning: Pruning | null;
}

/** Whether pruned trials were worse than others at the same step. */
function comparesAtSteps(spec: JobSpec): boolean {
  const rule = getPruningRule(spec);
  return rule === 'median' || rule === 'asha';
}

/**
 * Gives each trial that was worse than others at a step the final value that it would probably have reached: as far
 * from the median of the trials that were complete then as it was from the threshold at its step. Of an area, of which
 * the first steps are only a part, the distance grows with the steps. The model takes the estimate for a value like any
 * other. From bounds alone it would know only the good part of the space by values, and could not tell how bad the rest
 * is. Before a trial is complete, the bound remains.
 */
function estimateFinals(spec: JobSpec, seen: readonly SeenTrial[]): SeenTrial[] {
  const { objective } = spec;
  const areaSteps = isMeasuredEarly(spec) || objective.kind !== 'training' ? null : planTraining(objective).steps;
  const estimates = new Map<SeenTrial, number>();
  /** Values of complete trials, ascending. */
  const complete: number[] = [];
  const settled = seen.filter(({ observation }) => observation.value !== undefined);
  for (const one of settled.toSorted((a, b) => a.seq - b.seq)) {
    const { value, status } = one.observation;
    const { pruning } = one;
    if (status === 'complete') insertSorted(complete, value!);
    else if (status === 'pruned' && pruning && complete.length)
      estimates.set(one, readMedian(complete) + measureDistance(pruning, areaSteps));
  }
  return seen.map((one) => {
    const value = estimates.get(one);
    if (value === undefined || !Number.isFinite(value)) return one;
    return { ...one, observation: { ...one.observation, status: 'complete', value } };
  });
}

/** @param areaSteps all steps of a training whose metric is an area; null for another metric */
function measureDistance({ step, value, threshold }: Pruning, areaSteps: number | null): number {
  return (value - threshold) * (areaSteps === null ? 1 : areaSteps / step);
}

function readMedian(ascending: readonly number[]): number {
  const middle = ascending.length >> 1;
  return ascending.length % 2 ? ascending[middle]! : ascending[middle - 1]! / 2 + ascending[middle]! / 2;
}

function insertSorted(ascending: number[], value: number): void {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  ascending.splice(low, 0, value);
}

/** Returns the value of a settled trial. Of one that was pruned for its prediction, this is the predicted bound. */
function getObservedValue(spec: JobSpec, { state, result, pruning }: TrialRecord): number | undefined {
  return state === 'pruned' && pruning && isPredicted(spec) ? pruning.value : result?.value;
}

function isPredicted(spec: JobSpec): boolean {
  return getPruningRule(spec) === 'predicted';
}

/** Whether pruned trials were compared by a metric that says little about its value at the end of the training. */
function isMeasuredEarly({ objective }: JobSpec): boolean {
  return objective.kind === 'training' && objective.metric !== 'aulc';
}

/**
 * Replaces the bound of each pruned trial by the median of the complete ones, if that claims less. What a training had
 * measured early is often worse than any value at the end. That it was pruned says that it is in the worse half.
 */
function relaxBounds(spec: JobSpec, seen: readonly SeenTrial[]): SeenTrial[] {
  const direction = getDirection(spec);
  const complete = seen.flatMap(({ observation: { status, value } }) =>
    status === 'complete' && value !== undefined ? [value] : [],
  );
  if (!complete.length) return [...seen];
  const median = readMedian(complete.sort((a, b) => a - b));
  return seen.map((one) => {
    const { status, value } = one.observation;
    const isRelaxed = status === 'pruned' && value !== undefined && isBetter(median, value, direction);
    return isRelaxed ? { ...one, observation: { ...one.observation, value: median } } : one;
  });
}

/** Lists results known before the first trial. Their numbers are below 0, so that they are older than every trial. */
function listKnown(spec: JobSpec): Observation[] {
  const { known } = spec.search;
  return known.map(({ point, outcome, value, metrics = {} }, i) => {
    const observation: Mutable<Observation> = { number: i - known.length, point, status: outcome };
    if (value !== undefined) observation.value = value;
    if (outcome === 'complete' && value !== undefined) addMeasurements(spec, observation, { value, metrics });
    return observation;
  });
}

/** Adds how far the result exceeds the measured constraints, and the values of several objectives. */
function addMeasurements(
  spec: JobSpec,
  observation: Mutable<Observation>,
  result: Pick<TrialResult, 'value' | 'metrics'>,
): void {
  const excess = measureExcess(spec, result);
  if (excess) observation.excess = excess;
  const values = readObjectives(spec, result);
  if (values) observation.values = values;
}

const statuses = {
  pending: 'pending',
  running: 'pending',
  complete: 'complete',
  pruned: 'pruned',
  diverged: 'diverged',
  failed: 'failed',
} as const satisfies Record<Exclude<TrialState, 'cancelled'>, Observation['status']>;

/** Returns the state of a trial after this change of the job, and the change with which it got it. */
function findLastMove({ history }: TrialRecord, seenSeq: number): { seq: number; state: TrialState } | null {
  const last = history.findLast(([seq]) => seq <= seenSeq);
  if (!last) return null;
  const [seq, move] = last;
  return { seq, state: move === 'create' ? 'pending' : trialMoves[move].to };
}
