import type { ParameterValue, Point } from '@gradsmith/bayesopt';
import { setAtPointer } from '../domain/json-pointer.ts';
import type { Derivative, MetaWeights } from './derivatives/schema.ts';
import { type TrainingObjective, trainingObjectiveSchema } from './schema.ts';
import { DERIVATIVE_KIND, getOwner, isSwitch, OPTIMIZER_NAME } from './switch-fields.ts';

/** From a parameter's name in the search space to the JSON pointer it sets. */
export type Bindings = Readonly<Record<string, string>>;

/** Fields of an optimizer that every rule has: they do not depend on its name. */
const SHARED_BY_OPTIMIZERS = ['schedule', 'warmup', 'hypergradient'] as const;

/** Gives meta-networks without weights and dictionaries without coefficients zeros, which the point overwrites. */
export function withZeros(objective: TrainingObjective): TrainingObjective {
  const backward = objective.backward.map((entry) => {
    const derivative = entry.derivative && fillDerivative(entry.derivative);
    return derivative ? { ...entry, derivative } : entry;
  });
  return { ...objective, backward };
}

function fillDerivative(derivative: Derivative): Derivative {
  if (derivative.kind === 'meta-network' && !derivative.weights) {
    const zeros = Array.from({ length: derivative.hidden }, () => 0);
    const weights: MetaWeights = derivative.bias ? { u: zeros, b: zeros, v: zeros, d: 0 } : { u: zeros, v: zeros };
    return { ...derivative, weights };
  }
  if (derivative.kind === 'dictionary' && !derivative.coefficients) {
    const zeros = derivative.bases.map(() => 0);
    return { ...derivative, coefficients: derivative.byDepth ? { c: zeros, e: zeros } : { c: zeros } };
  }
  return derivative;
}

/**
 * Sets one field. Setting a derivative's `kind` resets the derivative to the defaults of that kind. Setting the
 * optimizer's `name` resets it likewise, except for what all optimizers have: schedule, warmup and hypergradient.
 */
export function assignValue(objective: TrainingObjective, at: string, value: ParameterValue): TrainingObjective {
  if (DERIVATIVE_KIND.test(at)) return setAtPointer(objective, getOwner(at), { kind: value });
  if (at !== OPTIMIZER_NAME) return setAtPointer(objective, at, value);
  const { optimizer } = objective;
  const shared = SHARED_BY_OPTIMIZERS.filter((field) => optimizer[field] !== undefined);
  const kept = Object.fromEntries(shared.map((field) => [field, optimizer[field]]));
  return setAtPointer(objective, getOwner(at), { ...kept, name: value });
}

/**
 * Returns the objective with the values of a point, which is what one trial trains. Kinds of derivatives and the
 * optimizer's name are set before their parameters. A field whose parameter is inactive keeps its value: that of the
 * job file, or the default of the kind that the point sets.
 *
 * @throws ZodError when a value is out of its field's range, RangeError when its place is not there; `checkBounds` sees
 *   to both
 */
export function applyPoint(objective: TrainingObjective, bindings: Bindings, point: Point): TrainingObjective {
  const places = Object.entries(bindings).filter(([name]) => Object.hasOwn(point, name));
  const switchesFirst = places.toSorted((a, b) => Number(isSwitch(b[1])) - Number(isSwitch(a[1])));
  const concrete = switchesFirst.reduce(
    (current, [name, at]) => assignValue(current, at, point[name]!),
    withZeros(objective),
  );
  return trainingObjectiveSchema.parse(concrete);
}
