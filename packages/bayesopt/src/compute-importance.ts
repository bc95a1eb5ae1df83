import { computePosterior } from './gp/posterior.ts';
import { createSobolPoints } from './random/sobol.ts';
import { readHistory } from './search/history.ts';
import { buildOutcomeModel } from './search/outcome-model.ts';
import type { Observation, SearchSettings } from './search/types.ts';
import type { SpaceDefinition } from './space/definition.ts';
import { createSpace, type Space } from './space/space.ts';

/** The share of the variation of the outcome that a parameter explains. */
export interface Importance {
  readonly name: string;
  /** First-order Sobol index in [0, 1]: the share explained by this parameter alone. */
  readonly alone: number;
  /** Total Sobol index in [0, 1]: the share that involves it, interactions included. */
  readonly total: number;
}

const SAMPLES = 512;

/**
 * Computes the importance of each free parameter: Sobol indices of the mean of the model that is fitted to the trials,
 * over the whole space. Estimators are those of Saltelli et al. (2010) for the first order and of Jansen (1999) for the
 * total. The indices describe the model, which with few trials is only roughly the objective.
 *
 * @returns in decreasing order of `total`; empty if there are fewer than two different values
 */
export function computeImportance(
  definition: SpaceDefinition,
  settings: SearchSettings,
  history: readonly Observation[],
): Importance[] {
  const space = createSpace(definition);
  const trials = readHistory(space, { history, settings });
  const values = trials.observed.map((row) => row.value);
  if (space.axes.length === 0 || values.every((value) => value === values[0])) return [];
  const { surrogate } = buildOutcomeModel(space, trials, settings.seed, 0);
  return computeSobolIndices(space, (points) => computePosterior(surrogate, points).mean).sort(
    (a, b) => b.total - a.total || (a.name < b.name ? -1 : 1),
  );
}

/**
 * Computes the Sobol indices of a function of the unit cube; `compute` maps points of shape [n, d] to n values. An
 * inactive parameter changes no value, so that the indices include how often a parameter is active.
 */
export function computeSobolIndices(space: Space, compute: (points: Float64Array) => Float64Array): Importance[] {
  const d = space.axes.length;
  const uniforms = createSobolPoints(SAMPLES, 2 * d, 1);
  const sample = (from: number): Float64Array =>
    Float64Array.from({ length: SAMPLES * d }, (_, i) => {
      const axis = space.axes[i % d]!;
      return axis.encode(axis.draw(uniforms[Math.floor(i / d) * 2 * d + from + (i % d)]!));
    });
  const evaluate = (points: Float64Array): Float64Array => {
    const settled = points.slice();
    space.settle(settled);
    return compute(settled);
  };
  const a = sample(0);
  const b = sample(d);
  const fa = evaluate(a);
  const fb = evaluate(b);
  const variance = computeVariance(Float64Array.from([...fa, ...fb]));
  return space.axes.map((axis, c) => {
    const mixed = a.map((value, i) => (i % d === c ? b[i]! : value));
    const fm = evaluate(mixed);
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

function computeVariance(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
