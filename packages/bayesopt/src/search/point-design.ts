import type { Point } from '../space/definition.ts';
import { createSpace, type Space } from '../space/space.ts';
import { checkSettings } from './check-settings.ts';
import { drawRandomPoint, findSobolPoint } from './designs.ts';
import { findStartPoint } from './find-start-point.ts';
import type { SuggestInput, Suggestion } from './types.ts';

/**
 * Suggestions of the algorithms `random` and `sobol`, one after the other. They depend on the history only by its
 * points, so each costs the same however long the search is (apart from start programs, each of which is compared with
 * all points): the points are added as the trials are created. Gives what `suggestPoint` gives for a history of the
 * added points.
 */
export class PointDesign {
  readonly #space: Space;
  readonly #settings: SuggestInput['settings'];
  readonly #seen = new Set<string>();

  /**
   * @throws SpaceError if the space has problems (see `checkSpace`)
   * @throws RangeError if a setting is invalid, or the algorithm is another one
   */
  constructor({ space, constraints, settings }: Pick<SuggestInput, 'space' | 'constraints' | 'settings'>) {
    checkSettings(settings);
    if (!isPointDesign(settings)) throw new RangeError(`${settings.algorithm} needs the history`);
    this.#space = createSpace(space, constraints);
    this.#settings = settings;
  }

  /** Whether most points of the space are allowed and unseen, so that a few draws find one. */
  get isQuick(): boolean {
    return !this.#space.isConstrained && this.#space.size > 2 * this.#seen.size;
  }

  /** Adds the point of a trial. */
  add(point: Point): void {
    this.#seen.add(this.#space.key(point));
  }

  /** Suggests the point for trial `number`. It counts as seen only when it is added. */
  suggest(number: number): Suggestion {
    const { algorithm, seed } = this.#settings;
    const find = algorithm === 'random' ? drawRandomPoint : findSobolPoint;
    const start = algorithm === 'random' ? findStartPoint(this.#space, this.#seen, seed, number) : undefined;
    const point = start ?? find(this.#space, this.#seen, seed, number);
    return point ? { kind: 'point', point, source: 'initial' } : { kind: 'exhausted' };
  }
}

/** Whether the algorithm needs no more of the history than its points, and finds one without trying all of them. */
export function isPointDesign({ algorithm }: SuggestInput['settings']): boolean {
  return algorithm === 'random' || algorithm === 'sobol';
}
