import type { Point } from '../space/definition.ts';
import { createSpace, type Space } from '../space/space.ts';
import { gridPoint, isExhausted, randomPoint, sobolPoint } from './designs.ts';
import { gpPoint } from './gp-search.ts';
import { readHistory, type Trials } from './history.ts';
import { tpePoint } from './tpe.ts';
import type { ModelState, SuggestInput, Suggestion } from './types.ts';

/**
 * The point for trial `number`, given the trials known so far. A pure function of its input: no clock, no state, no
 * I/O; the same input gives the same bits, whatever the order of the history. Never repeats a point of the history
 * while the space has another.
 *
 * @throws SpaceError when the space has problems (see `checkSpace`); nothing else is thrown for any history
 */
export function suggest(input: SuggestInput): Suggestion {
  const space = createSpace(input.space);
  const trials = readHistory(space, input);
  if (isExhausted(space, trials.seen)) return { kind: 'exhausted' };
  const { settings, number } = input;
  const modelled = settings.algorithm === 'gp' || settings.algorithm === 'tpe';
  if (!modelled || space.axes.length === 0 || isInitial(trials, settings.initial, number)) {
    return suggestion(designPoint(space, trials, input), 'initial');
  }
  if (settings.algorithm === 'tpe') return suggestion(tpePoint(space, trials, settings.seed, number), 'model');
  const found = gpPoint(space, trials, settings, number);
  return suggestion(found?.point, 'model', found?.model);
}

function suggestion(point: Point | undefined, source: 'initial' | 'model', model?: ModelState): Suggestion {
  return point ? { kind: 'point', point, source, ...(model && { model }) } : { kind: 'exhausted' };
}

function designPoint(space: Space, trials: Trials, { settings, number }: SuggestInput): Point | undefined {
  if (settings.algorithm === 'grid') return gridPoint(space, trials.seen);
  if (settings.algorithm === 'random') return randomPoint(space, trials.seen, settings.seed, number);
  return sobolPoint(space, trials.seen, settings.seed, number);
}

/** The model needs a value to start from; known results beyond the initial number make the initial points needless. */
function isInitial(trials: Trials, initial: number, number: number): boolean {
  const valued = trials.observed.length;
  return valued === 0 || (number < initial && valued < initial);
}
