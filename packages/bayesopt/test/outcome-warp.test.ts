import { expect, test } from 'vitest';
import { WARP_STRENGTHS } from '../src/gp/warp.ts';
import { suggestPoint, type ModelState, type Observation } from '../src/index.ts';
import { createRandom } from '../src/random/random.ts';

const space = { x: { type: 'float', low: 0, high: 1 }, y: { type: 'float', low: 0, high: 1 } } as const;
const settings = { algorithm: 'gp', initial: 4, seed: 5, direction: 'minimize' } as const;

/** Values with the tail of a steep wall: the best strength for them is not 0. */
function createHistory(count: number): Observation[] {
  const { uniform } = createRandom(11);
  return Array.from({ length: count }, (_, number) => {
    const point = { x: uniform(), y: uniform() };
    return { number, point, status: 'complete', value: Math.exp(12 * (point.x - 0.3) ** 2 + 6 * point.y) };
  });
}

function fitAgain(history: readonly Observation[], model: ModelState): ModelState {
  const known = history.map((observation) => ({ ...observation }));
  Object.assign(known.at(-1)!, { model });
  const suggestion = suggestPoint({ space, settings, history: known, number: known.length });
  if (suggestion.kind === 'exhausted' || !suggestion.model) throw new Error('gp suggests a point with its model');
  return suggestion.model;
}

test.each([40, 100])('finds another strength of the warp within a fifth more than %d values', (count) => {
  const history = createHistory(Math.ceil(count * 1.2) + 1);
  const flat = { logLengthscales: [-1, -1], logSignalVariance: 0, logNoiseVariance: -10, warp: 0 };
  let state: ModelState = { fittedTo: count, fitted: flat };
  const strengths = new Set<number>();
  for (let n = count + 1; n <= history.length; n++) {
    state = fitAgain(history.slice(0, n), state);
    strengths.add(state.fitted.warp);
  }
  expect(strengths.size).toBeGreaterThan(1);
  const fresh = suggestPoint({ space, settings, history, number: history.length });
  expect(state.fitted.warp).toBe(fresh.kind === 'point' && fresh.model!.fitted.warp);
  expect(WARP_STRENGTHS.slice(1)).toContain(state.fitted.warp);
});
