import type { Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';
import type { ModelState, Observation, SuggestInput } from './types.ts';

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
  /** The most recent recorded model state. */
  model: ModelState | undefined;
}

export interface Valued {
  readonly number: number;
  readonly x: Float64Array;
  readonly value: number;
  readonly diverged: boolean;
}

/** Reads a history. Leaves out observations whose coordinates are not finite because they are not of the space. */
export function readHistory(space: Space, { history, settings }: Pick<SuggestInput, 'history' | 'settings'>): Trials {
  const sign = settings.direction === 'maximize' ? -1 : 1;
  const observed: Valued[] = [];
  const censored: Valued[] = [];
  const pending: Float64Array[] = [];
  const failed: Float64Array[] = [];
  const seen = new Set<string>();
  let model: ModelState | undefined;
  for (const observation of [...history].sort((a, b) => a.number - b.number)) {
    seen.add(space.key(observation.point));
    if (observation.model && observation.model.fitted.logLengthscales.length === space.axes.length)
      model = observation.model;
    const x = space.encode(observation.point);
    if (!x.every(Number.isFinite)) continue;
    const value = readValue(observation);
    if (observation.status === 'pending') pending.push(x);
    else if (value === undefined) failed.push(x);
    else {
      const valued = {
        number: observation.number,
        x,
        value: sign * value,
        diverged: observation.status === 'diverged',
      };
      (observation.status === 'pruned' ? censored : observed).push(valued);
    }
  }
  return { observed, censored, pending, failed, seen, model };
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
