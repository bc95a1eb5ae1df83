import { suggest } from './search/suggest.ts';
import type { ModelState, Observation, SearchSettings } from './search/types.ts';
import type { Point, SpaceDefinition } from './space/definition.ts';
import { createSpace, type Space } from './space/space.ts';

/** A point to evaluate, and the number to tell its outcome under. */
export interface Trial {
  readonly number: number;
  readonly point: Point;
}

/**
 * How an evaluation ended; `value` is needed for all but a failure. For pruned it bounds the true value from its good
 * side.
 */
export type Outcome =
  | { readonly status?: 'complete' | 'diverged' | 'pruned'; readonly value: number }
  | { readonly status: 'failed' };

/**
 * Ask and tell over `suggest`, for programs that keep their trials in memory. Everything it knows is `history`: an
 * optimizer made from another's history goes on with the same points.
 */
export class Optimizer {
  readonly settings: SearchSettings;
  readonly #space: Space;
  readonly #trials = new Map<number, Observation>();
  readonly #queue: Point[] = [];
  #next = 0;

  /**
   * @param history trials already known, from another optimizer or from elsewhere
   * @throws SpaceError when the space has problems
   */
  constructor(space: SpaceDefinition, settings: Partial<SearchSettings> = {}, history: readonly Observation[] = []) {
    this.#space = createSpace(space);
    this.settings = { algorithm: 'gp', initial: 10, seed: 0, direction: 'minimize', ...settings };
    for (const observation of history) {
      this.#trials.set(observation.number, observation);
      this.#next = Math.max(this.#next, observation.number + 1);
    }
  }

  /** The next point, pending until it is told; undefined when a finite space has none left. */
  ask(): Trial | undefined {
    const number = this.#next;
    const queued = this.#queue.shift();
    if (queued) return this.#issue(number, queued);
    const suggestion = suggest({
      space: this.#space.definition,
      settings: this.settings,
      history: this.history,
      number,
    });
    return suggestion.kind === 'point' ? this.#issue(number, suggestion.point, suggestion.model) : undefined;
  }

  /**
   * @throws RangeError when the number was not asked for or is told already, or when a value is not finite: say
   *   `failed` then
   */
  tell(number: number, outcome: Outcome | number): void {
    const trial = this.#trials.get(number);
    if (trial?.status !== 'pending')
      throw new RangeError(`trial ${number} is ${trial ? 'already told' : 'not known'}; tell each asked trial once`);
    const told = typeof outcome === 'number' ? { value: outcome } : outcome;
    if ('value' in told && !Number.isFinite(told.value)) {
      throw new RangeError(`trial ${number}: the value is ${told.value}; tell { status: 'failed' } instead`);
    }
    this.#trials.set(number, { ...trial, status: 'complete', ...told });
  }

  /** Makes `point` the next that `ask` returns. @throws RangeError when it is not of the space */
  enqueue(point: Point): void {
    if (!this.#space.contains(point)) throw new RangeError(`not a point of the space: ${JSON.stringify(point)}`);
    this.#queue.push(point);
  }

  /** Every trial so far, by number; JSON-serialisable. */
  get history(): Observation[] {
    return [...this.#trials.values()].sort((a, b) => a.number - b.number);
  }

  /** The best completed trial. */
  get best(): (Observation & { value: number }) | undefined {
    const sign = this.settings.direction === 'maximize' ? -1 : 1;
    let best: (Observation & { value: number }) | undefined;
    for (const trial of this.history) {
      if (trial.status !== 'complete' || trial.value === undefined) continue;
      if (!best || sign * trial.value < sign * best.value) best = { ...trial, value: trial.value };
    }
    return best;
  }

  #issue(number: number, point: Point, model?: ModelState): Trial {
    this.#trials.set(number, { number, point, status: 'pending', ...(model && { model }) });
    this.#next = number + 1;
    return { number, point };
  }
}
