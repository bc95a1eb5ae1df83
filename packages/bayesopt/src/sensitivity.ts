import { posterior } from './gp/posterior.ts';
import { sobol } from './random/sobol.ts';
import { readHistory } from './search/history.ts';
import { modelOf } from './search/surrogate-of.ts';
import type { Observation, SearchSettings } from './search/types.ts';
import type { SpaceDefinition } from './space/definition.ts';
import { createSpace, type Space } from './space/space.ts';

/** How much of the variation of the outcome a parameter accounts for. */
export interface Importance {
  readonly name: string;
  /** First-order Sobol index in [0, 1]: the share explained by this parameter alone. */
  readonly alone: number;
  /** Total Sobol index in [0, 1]: the share that involves it, interactions included. */
  readonly total: number;
}

const SAMPLES = 512;

/**
 * Importance of each free parameter, from the mean of the model fitted to the trials: Sobol indices over the whole
 * space by the estimators of Saltelli et al. (2010) for the first order and Jansen (1999) for the total. They describe
 * the model: with few trials, only roughly the objective.
 *
 * @returns in falling order of `total`; empty with fewer than two different values
 */
export function importance(
  definition: SpaceDefinition,
  settings: SearchSettings,
  history: readonly Observation[],
): Importance[] {
  const space = createSpace(definition);
  const trials = readHistory(space, { history, settings });
  const values = trials.observed.map((row) => row.value);
  if (space.axes.length === 0 || values.every((value) => value === values[0])) return [];
  const { surrogate } = modelOf(space, trials, settings.seed, 0);
  return sobolIndices(space, (points) => posterior(surrogate, points).mean).sort(
    (a, b) => b.total - a.total || (a.name < b.name ? -1 : 1),
  );
}

/** Sobol indices of a function of the unit cube; `f` maps points of shape [n, d] to n values. */
export function sobolIndices(space: Space, f: (points: Float64Array) => Float64Array): Importance[] {
  const d = space.axes.length;
  const uniforms = sobol(SAMPLES, 2 * d, 1);
  const sample = (from: number): Float64Array =>
    Float64Array.from({ length: SAMPLES * d }, (_, i) => {
      const axis = space.axes[i % d]!;
      return axis.encode(axis.draw(uniforms[Math.floor(i / d) * 2 * d + from + (i % d)]!));
    });
  const a = sample(0);
  const b = sample(d);
  const fa = f(a);
  const fb = f(b);
  const variance = varianceOf(Float64Array.from([...fa, ...fb]));
  return space.axes.map((axis, c) => {
    const mixed = a.map((value, i) => (i % d === c ? b[i]! : value));
    const fm = f(mixed);
    let alone = 0;
    let total = 0;
    for (let i = 0; i < SAMPLES; i++) {
      alone += (fb[i]! * (fm[i]! - fa[i]!)) / SAMPLES;
      total += (fa[i]! - fm[i]!) ** 2 / (2 * SAMPLES);
    }
    const share = (part: number): number => (variance > 0 ? Math.min(1, Math.max(0, part / variance)) : 0);
    return { name: axis.name, alone: share(alone), total: share(total) };
  });
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
