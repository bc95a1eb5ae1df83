import type { Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';
import type { ModelState, Observation, SearchSettings, SuggestInput } from './types.ts';

/** The history as a model needs it: sorted by trial number, encoded, with signs such that smaller is better. */
export interface Trials {
  /** Trials that are complete or diverged; they have a value. */
  readonly observed: readonly Valued[];
  /** Pruned trials; the true value is at least `value`. */
  readonly censored: readonly Valued[];
  readonly pending: Float64Array[];
  /** Trials that failed or have a value that is not finite. */
  readonly failed: readonly Float64Array[];
  /** Keys of all points of the history. */
  readonly seen: Set<string>;
  /** Whether some trial has measured constraints. */
  readonly isConstrained: boolean;
  /** The most recent recorded model state. */
  model: ModelState | undefined;
}

export interface Valued {
  readonly number: number;
  readonly point: Point;
  readonly x: Float64Array;
  readonly value: number;
  readonly diverged: boolean;
  /** How far each measured quantity exceeds its limit; absent if not measured. */
  readonly excess?: readonly number[] | undefined;
  /** Values of several objectives, smaller is better; absent if there is one. */
  readonly objectives?: readonly number[] | undefined;
}

/** Reads a history. Leaves out observations whose coordinates are not finite because they are not of the space. */
export function readHistory(space: Space, { history, settings }: Pick<SuggestInput, 'history' | 'settings'>): Trials {
  const sign = settings.direction === 'maximize' ? -1 : 1;
  const observed: Valued[] = [];
  const censored: Valued[] = [];
  const pending: Float64Array[] = [];
  const failed: Float64Array[] = [];
  const seen = new Set<string>();
  let isConstrained = false;
  let model: ModelState | undefined;
  for (const observation of [...history].sort((a, b) => a.number - b.number)) {
    seen.add(space.key(observation.point));
    if (observation.model && observation.model.fitted.logLengthscales.length === space.axes.length)
      model = observation.model;
    const x = space.encode(observation.point);
    if (!x.every(Number.isFinite)) continue;
    const objectives = settings.objectives && readObjectives(observation, settings.objectives);
    const value = settings.objectives ? objectives?.[0] : readValue(observation);
    if (observation.status === 'pending') pending.push(x);
    else if (value === undefined) failed.push(x);
    else {
      const excess = readExcess(observation);
      isConstrained ||= excess !== undefined;
      const valued = {
        number: observation.number,
        point: observation.point,
        x,
        value: objectives ? value : sign * value,
        diverged: observation.status === 'diverged',
        excess,
        objectives,
      };
      (observation.status === 'pruned' ? censored : observed).push(valued);
    }
  }
  return { observed, censored, pending, failed, seen, isConstrained, model };
}

/**
 * Lists all trials with a value. A pruned trial is at least as bad as the median of the others: its bound alone, such
 * as the area under a loss curve so far, can be better than every final value.
 */
export function listValued({ observed, censored }: Pick<Trials, 'observed' | 'censored'>): Valued[] {
  const values = observed.map(({ value }) => value).sort((a, b) => a - b);
  const median = values[values.length >> 1] ?? -Infinity;
  return [...observed, ...censored.map((row) => ({ ...row, value: Math.max(row.value, median) }))];
}

/** Adds a trial that was suggested for these trials, with a number larger than theirs. */
export function addPending(space: Space, trials: Trials, { point, model }: { point: Point; model?: ModelState }): void {
  trials.seen.add(space.key(point));
  trials.pending.push(space.encode(point));
  if (model) trials.model = model;
}

/** Largest magnitude in the model; differences of two such values are still finite. */
const HUGE = 1e300;

function readValue({ status, value }: Observation): number | undefined {
  if (status === 'failed' || value === undefined || !Number.isFinite(value)) return undefined;
  return Math.max(-HUGE, Math.min(HUGE, value));
}

/** Returns the values of all objectives with signs such that smaller is better; undefined if one is missing. */
function readObjectives(
  { status, values }: Observation,
  goals: NonNullable<SearchSettings['objectives']>,
): number[] | undefined {
  if (status === 'failed' || values?.length !== goals.length || !values.every(Number.isFinite)) return undefined;
  return values.map((value, m) => Math.max(-HUGE, Math.min(HUGE, goals[m]!.direction === 'maximize' ? -value : value)));
}

function readExcess({ excess }: Observation): readonly number[] | undefined {
  return excess && excess.length > 0 && excess.every(Number.isFinite) ? excess : undefined;
}
