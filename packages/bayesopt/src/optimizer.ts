import { checkAlgorithm, checkSettings } from './search/check-settings.ts';
import { suggestPoint } from './search/suggest-point.ts';
import type { ModelState, Observation, SearchSettings } from './search/types.ts';
import { isFeasible } from './search/violations.ts';
import type { Constraint } from './space/constraint.ts';
import type { Point, SpaceDefinition } from './space/definition.ts';
import { createSpace, type Space } from './space/space.ts';

/** A point to evaluate, and the number under which to report its outcome. */
export interface Trial {
  readonly number: number;
  readonly point: Point;
}

/**
 * The outcome of an evaluation; all but a failure have a `value`, or `values` of several objectives. If the trial was
 * pruned, the true value is at least as bad as `value`.
 */
export type Outcome =
  | {
      readonly status?: 'complete' | 'diverged' | 'pruned';
      readonly value: number;
      /** See `Observation`. */
      readonly excess?: readonly number[];
    }
  /** With `settings.objectives`. */
  | {
      readonly status?: 'complete' | 'diverged';
      readonly values: readonly number[];
      readonly excess?: readonly number[];
    }
  | { readonly status: 'failed' };

/**
 * Ask and tell over `suggestPoint`, for programs that keep their trials in memory. `history` is its whole state: an
 * optimizer created from the history of another continues with the same points.
 */
export class Optimizer {
  readonly settings: SearchSettings;
  readonly #space: Space;
  readonly #constraints: readonly Constraint[];
  readonly #trials = new Map<number, Observation>();
  readonly #enqueued: Point[] = [];
  #next = 0;

  /**
   * @param history trials that are already known, from another optimizer or from elsewhere
   * @param constraints that every point fulfills
   * @throws SpaceError if the space has problems
   * @throws RangeError if a setting is invalid
   */
  constructor(
    space: SpaceDefinition,
    settings: Partial<SearchSettings> = {},
    history: readonly Observation[] = [],
    constraints: readonly Constraint[] = [],
  ) {
    this.#space = createSpace(space, constraints);
    this.#constraints = constraints;
    this.settings = { algorithm: 'gp', initial: 10, seed: 0, direction: 'minimize', ...settings };
    checkSettings(this.settings);
    checkAlgorithm(this.settings, this.#space);
    for (const observation of history) {
      this.#trials.set(observation.number, observation);
      this.#next = Math.max(this.#next, observation.number + 1);
    }
  }

  /** Returns the next point, which is pending until `tell`; undefined if a finite space has no point left. */
  ask(): Trial | undefined {
    const enqueued = this.#enqueued.shift();
    if (enqueued) return this.#createTrial(enqueued);
    const suggestion = suggestPoint({
      space: this.#space.definition,
      constraints: this.#constraints,
      settings: this.settings,
      history: this.history,
      number: this.#next,
    });
    return suggestion.kind === 'point' ? this.#createTrial(suggestion.point, suggestion.model) : undefined;
  }

  /**
   * Reports the outcome of a trial.
   *
   * @throws RangeError if `ask` has not returned the number, if the trial already has an outcome, if a value is missing
   *   or not finite, or if there is not one for each objective
   */
  tell(number: number, outcome: Outcome | number): void {
    const trial = this.#trials.get(number);
    if (!trial) throw new RangeError(`trial ${number} is not known; pass a number that ask returned`);
    if (trial.status !== 'pending') throw new RangeError(`trial ${number} already has an outcome; tell it only once`);
    const reported = typeof outcome === 'number' ? { value: outcome } : outcome;
    const problem = reported.status === 'failed' ? null : findProblem(reported, this.settings);
    if (problem) throw new RangeError(`trial ${number} ${problem}`);
    this.#trials.set(number, { ...trial, status: 'complete', ...reported });
  }

  /** Makes `point` the next one that `ask` returns. @throws RangeError if it is not a point of the space */
  enqueue(point: Point): void {
    if (!this.#space.contains(point)) throw new RangeError(`${JSON.stringify(point)} is not a point of the space`);
    this.#enqueued.push(this.#space.normalize(point));
  }

  /** All trials so far, by number; serializable as JSON. */
  get history(): Observation[] {
    return [...this.#trials.values()].sort((a, b) => a.number - b.number);
  }

  /** The best complete trial; with measured constraints, of the feasible ones. Undefined with several objectives. */
  get best(): (Observation & { value: number }) | undefined {
    const sign = this.settings.direction === 'maximize' ? -1 : 1;
    const isConstrained = this.history.some(({ excess }) => excess !== undefined);
    let best: (Observation & { value: number }) | undefined;
    for (const trial of this.history) {
      if (trial.status !== 'complete' || trial.value === undefined) continue;
      if (isConstrained && !isFeasible(trial)) continue;
      if (!best || sign * trial.value < sign * best.value) best = { ...trial, value: trial.value };
    }
    return best;
  }

  #createTrial(point: Point, model?: ModelState): Trial {
    const number = this.#next;
    const observation = { number, point, status: 'pending' } as const;
    this.#trials.set(number, model ? { ...observation, model } : observation);
    this.#next = number + 1;
    return { number, point };
  }
}

/** Says what is wrong with the numbers of an outcome. The types allow some that the settings exclude. */
function findProblem(outcome: Exclude<Outcome, { status: 'failed' }>, { objectives }: SearchSettings): string | null {
  const { value, values, excess = [] } = { value: undefined, values: undefined, ...outcome };
  if (objectives && values?.length !== objectives.length)
    return `needs one value for each of the ${objectives.length} objectives; tell { values: [...] }`;
  if (!objectives && (value === undefined || values)) return 'needs one value; tell a number, or { value }';
  const infinite = [...(values ?? [value!]), ...excess].find((number) => !Number.isFinite(number));
  if (infinite === undefined) return null;
  return `has the number ${infinite}, which is not finite; tell { status: 'failed' }`;
}
