import type { Parameter, ParameterValue, Point, SpaceDefinition } from '@gradsmith/bayesopt';
import type { Problem } from '../errors.ts';
import type { MetaNetwork, MetaWeights } from './derivatives/schema.ts';
import { setAt } from './pointer.ts';
import { type TrainingObjective, trainingObjectiveSchema } from './schema.ts';

/** A named place of an objective that a search may set. */
export interface Searchable {
  /** JSON pointer into the objective. */
  readonly at: string;
  readonly parameter: Parameter;
}

/** From a parameter's name in the search space to the JSON pointer it sets. */
export type Bindings = Readonly<Record<string, string>>;

const U: Parameter = { type: 'float', low: 0, high: 5 };
const SIGNED: Parameter = { type: 'float', low: -3, high: 3 };

function metaWeights(layer: string, at: string, { hidden, bias }: MetaNetwork): [string, Searchable][] {
  const units = Array.from({ length: hidden }, (_, i) => i);
  const suffix = (i: number) => (hidden === 1 ? '' : String(i + 1));
  const entry = (weight: string, place: string, parameter: Parameter): [string, Searchable] => [`${layer}.${weight}`, { at: `${at}/weights/${place}`, parameter }];
  return [
    ...units.map((i) => entry(`u${suffix(i)}`, `u/${i}`, U)),
    ...(bias ? units.map((i) => entry(`b${suffix(i)}`, `b/${i}`, SIGNED)) : []),
    ...units.map((i) => entry(`v${suffix(i)}`, `v/${i}`, SIGNED)),
    ...(bias ? [entry('d', 'd', SIGNED)] : []),
  ];
}

/**
 * The parameters a job searches without being told: the weights of every meta-network that has none, as `relu7.u`,
 * `relu7.b`, `relu7.v`, `relu7.d` (with several hidden units `relu7.u1`, `relu7.u2`, …; without biases no b and d).
 * u ≥ 0, because (u, b, v) and (−u, −b, −v) are the same function for odd activations.
 */
function freeMetaWeights(objective: TrainingObjective): Record<string, Searchable> {
  return Object.fromEntries(objective.backward.flatMap(({ layer, derivative }, i) =>
    derivative?.kind === 'meta-network' && !derivative.weights ? metaWeights(layer, `/backward/${i}/derivative`, derivative) : []));
}

/**
 * Pointers a search may set. Whatever moves the yardstick (data, network, epochs, batch size, seed, metric) is left out:
 * values of the metric could no longer be compared.
 */
const ALLOWED: readonly RegExp[] = [
  /^\/optimizer\/(learningRate|momentum|rho|epsilon|beta1|beta2|weightDecay|warmup)$/,
  /^\/optimizer\/schedule\/(factor|floor|every)$/,
  /^\/optimizer\/hypergradient\/rate$/,
  /^\/gradientNoise\/(eta|gamma)$/,
  /^\/network\/dropout$/,
  /^\/network\/layers\/\d+\/rate$/,
  /^\/backward\/\d+\/mask$/,
  /^\/backward\/\d+\/transpose\/(kind|scale)$/,
  /^\/backward\/\d+\/derivative\/(?!formula$|parameters$|weights$|hidden$|bias$)[a-zA-Z][a-zA-Z0-9]*$/,
  /^\/backward\/\d+\/derivative\/parameters\/[a-zA-Z][a-zA-Z0-9]*$/,
  /^\/backward\/\d+\/derivative\/weights\/([ubv]\/\d+|d)$/,
];

const DERIVATIVE_KIND = /^\/backward\/\d+\/derivative\/kind$/;

/** What a job can search in its objective. */
export interface Searchables {
  /** Searched without being told, by name. */
  readonly free: Readonly<Record<string, Searchable>>;
  /** Every JSON pointer a search may set, those of `free` included. */
  readonly allowed: readonly string[];
  isSearchable(pointer: string): boolean;
}

export function searchables(objective: TrainingObjective): Searchables {
  const free = freeMetaWeights(objective);
  const found = new Set(Object.values(free).map(({ at }) => at));
  const walk = (node: unknown, path: string): void => {
    if (typeof node === 'object' && node !== null) {
      for (const [key, value] of Object.entries(node)) walk(value, `${path}/${key}`);
    } else if (ALLOWED.some((pattern) => pattern.test(path))) found.add(path);
  };
  walk(objective, '');
  return { free, allowed: [...found], isSearchable: (pointer) => found.has(pointer) };
}

/** Meta-networks without weights get zeros, to be overwritten by the point. */
function withMetaWeights(objective: TrainingObjective): TrainingObjective {
  const backward = objective.backward.map((entry) => {
    if (entry.derivative?.kind !== 'meta-network' || entry.derivative.weights) return entry;
    const zeros = Array.from({ length: entry.derivative.hidden }, () => 0);
    const weights: MetaWeights = entry.derivative.bias ? { u: zeros, b: zeros, v: zeros, d: 0 } : { u: zeros, v: zeros };
    return { ...entry, derivative: { ...entry.derivative, weights } };
  });
  return { ...objective, backward };
}

/** Sets one place. A derivative's `kind` starts that derivative afresh, with the new kind's defaults. */
function assign(objective: TrainingObjective, at: string, value: ParameterValue): TrainingObjective {
  return DERIVATIVE_KIND.test(at) ? setAt(objective, at.slice(0, -'/kind'.length), { kind: value }) : setAt(objective, at, value);
}

/**
 * The objective with a point's values in their places: what one trial trains. Kinds of derivatives are set before their
 * parameters.
 * @throws ZodError when a value is out of its field's range
 */
export function applyPoint(objective: TrainingObjective, bindings: Bindings, point: Point): TrainingObjective {
  const places = Object.entries(bindings).filter(([name]) => Object.hasOwn(point, name));
  const kindsFirst = places.toSorted((a, b) => Number(DERIVATIVE_KIND.test(b[1])) - Number(DERIVATIVE_KIND.test(a[1])));
  const concrete = kindsFirst.reduce((current, [name, at]) => assign(current, at, point[name]!), withMetaWeights(objective));
  return trainingObjectiveSchema.parse(concrete);
}

/** The values of a parameter that between them show whether its whole range is acceptable. */
function extremes(parameter: Parameter): readonly ParameterValue[] {
  if (parameter.type === 'categorical') return parameter.choices;
  return parameter.type === 'constant' ? [parameter.value] : [parameter.low, parameter.high];
}

/**
 * What a search could do to the objective that its fields would refuse: each parameter's ends and choices are tried alone.
 * Paths start with the parameter's name.
 */
export function checkBounds(objective: TrainingObjective, space: SpaceDefinition, bindings: Bindings): Problem[] {
  const base = withMetaWeights(objective);
  return Object.entries(space).flatMap(([name, parameter]) => {
    const at = bindings[name];
    if (at === undefined) return [];
    return extremes(parameter).flatMap((value): Problem[] => {
      const result = trainingObjectiveSchema.safeParse(assign(base, at, value));
      return result.success ? [] : [{ path: [name], message: `${value} cannot stand at ${at}: ${result.error.issues[0]!.message}` }];
    });
  });
}
