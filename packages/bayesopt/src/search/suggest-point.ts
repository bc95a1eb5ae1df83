import type { Point } from '../space/definition.ts';
import { createSpace, type Space } from '../space/space.ts';
import { checkAlgorithm, checkSettings } from './check-settings.ts';
import { drawRandomPoint, findGridPoint, findSobolPoint, isExhausted } from './designs.ts';
import { findStartPoint } from './find-start-point.ts';
import { addPending, readHistory, type Trials } from './history.ts';
import { suggestCmaPoint } from './suggest-cma-point.ts';
import { suggestEvolvedPoint } from './suggest-evolved-point.ts';
import { suggestGpPoint } from './suggest-gp-point.ts';
import { suggestNsgaPoint } from './suggest-nsga-point.ts';
import { suggestParetoPoint } from './suggest-pareto-point.ts';
import { suggestTpePoint } from './suggest-tpe-point.ts';
import type { ModelState, SuggestInput, Suggestion } from './types.ts';

/**
 * Suggests the point for trial `number`, given the trials known so far.
 *
 * This is a pure function: no clock, no state, no I/O. The same input gives the same bits, whatever the order of the
 * history. It never repeats a point of the history while the space has another.
 *
 * @throws SpaceError if the space has problems (see `checkSpace`)
 * @throws RangeError if a setting is invalid or its algorithm cannot search the space; nothing is thrown for any
 *   history
 */
export function suggestPoint(input: SuggestInput): Suggestion {
  const [suggestion] = suggestPoints(input);
  return suggestion!;
}

/**
 * Suggests points for trial `number` and those after it: each as `suggestPoint` does if the trials before it are
 * pending. The history is read once. Ends when the space is exhausted.
 */
export function* suggestPoints(input: SuggestInput): Generator<Suggestion, void, undefined> {
  checkSettings(input.settings);
  const space = createSpace(input.space, input.constraints);
  checkAlgorithm(input.settings, space);
  const trials = readHistory(space, input);
  for (let { number } = input; ; number += 1) {
    const suggestion = suggestNext(space, trials, { ...input, number });
    yield suggestion;
    if (suggestion.kind === 'exhausted') return;
    addPending(space, trials, suggestion);
  }
}

function suggestNext(space: Space, trials: Trials, input: SuggestInput): Suggestion {
  if (isExhausted(space, trials.seen)) return { kind: 'exhausted' };
  const { settings, number } = input;
  if (settings.algorithm === 'cma-es' && space.axes.length > 0) {
    const source = trials.observed.length + trials.censored.length === 0 ? 'initial' : 'model';
    return toSuggestion(suggestCmaPoint(space, trials, settings.seed, number), source);
  }
  if (settings.algorithm === 'nsga-ii' && space.axes.length > 0) {
    const { point, source } = suggestNsgaPoint(space, trials, settings, number);
    return toSuggestion(point, source);
  }
  if (settings.algorithm === 'evolution' && space.axes.length > 0) return evolve(space, trials, input);
  const hasModel = settings.algorithm === 'gp' || settings.algorithm === 'tpe';
  if (!hasModel || space.axes.length === 0 || isInitial(trials, settings.initial, number)) {
    return toSuggestion(chooseDesignPoint(space, trials, input), 'initial');
  }
  if (settings.algorithm === 'tpe') return toSuggestion(suggestTpePoint(space, trials, settings.seed, number), 'model');
  if (settings.objectives) return toSuggestion(suggestParetoPoint(space, trials, settings, number), 'model');
  const found = suggestGpPoint(space, trials, settings, number);
  if (!found) return { kind: 'exhausted' };
  return { kind: 'point', source: 'model', ...found };
}

function evolve(space: Space, trials: Trials, { settings, number }: SuggestInput): Suggestion {
  const { seed, evolution, initial } = settings;
  const start = findStartPoint(space, trials.seen, seed, number);
  if (start) return toSuggestion(start, 'initial');
  if (isInitial(trials, initial, number))
    return toSuggestion(drawRandomPoint(space, trials.seen, seed, number), 'initial');
  return toSuggestion(suggestEvolvedPoint(space, trials, { settings: evolution, seed, number }), 'model');
}

function toSuggestion(point: Point | undefined, source: 'initial' | 'model', model?: ModelState): Suggestion {
  if (!point) return { kind: 'exhausted' };
  return model ? { kind: 'point', point, source, model } : { kind: 'point', point, source };
}

function chooseDesignPoint(space: Space, trials: Trials, { settings, number }: SuggestInput): Point | undefined {
  if (settings.algorithm === 'grid') return findGridPoint(space, trials.seen, settings.seed);
  if (settings.algorithm === 'random')
    return (
      findStartPoint(space, trials.seen, settings.seed, number) ??
      drawRandomPoint(space, trials.seen, settings.seed, number)
    );
  return findSobolPoint(space, trials.seen, settings.seed, number);
}

/** Whether the trial gets a space-filling point. The model needs one value; known results replace initial points. */
function isInitial(trials: Trials, initial: number, number: number): boolean {
  const valued = trials.observed.length;
  return valued === 0 || (number < initial && valued < initial);
}
