import type { Parameter, ParameterValue, Point, SpaceDefinition } from '@gradsmith/bayesopt';
import type { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { setAtPointer } from '../domain/json-pointer.ts';
import { toProblems } from '../domain/to-problems.ts';
import { listLayers } from './backward.ts';
import { derivativeCatalogue } from './derivatives/catalogue.ts';
import { derivativeSchema, type MetaNetwork, type MetaWeights } from './derivatives/schema.ts';
import { type TrainingObjective, trainingObjectiveSchema } from './schema.ts';

/** A named field of an objective that a search may set. */
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
  const entry = (weight: string, place: string, parameter: Parameter): [string, Searchable] => [
    `${layer}.${weight}`,
    { at: `${at}/weights/${place}`, parameter },
  ];
  return [
    ...units.map((i) => entry(`u${suffix(i)}`, `u/${i}`, U)),
    ...(bias ? units.map((i) => entry(`b${suffix(i)}`, `b/${i}`, SIGNED)) : []),
    ...units.map((i) => entry(`v${suffix(i)}`, `v/${i}`, SIGNED)),
    ...(bias ? [entry('d', 'd', SIGNED)] : []),
  ];
}

/**
 * The parameters that a job searches by default: the weights of every meta-network that has none, as `relu7.u`,
 * `relu7.b`, `relu7.v`, `relu7.d` (with several hidden units `relu7.u1`, `relu7.u2`, …; without biases no b and d). u ≥
 * 0, because (u, b, v) and (−u, −b, −v) are the same function for odd activations. Layers that share a meta-network
 * give their weights the name of the first.
 */
function freeMetaWeights(objective: TrainingObjective): Record<string, Searchable> {
  return Object.fromEntries(
    objective.backward.flatMap(({ derivative, ...entry }, i) =>
      derivative?.kind === 'meta-network' && !derivative.weights
        ? metaWeights(listLayers(entry)[0]!, `/backward/${i}/derivative`, derivative)
        : [],
    ),
  );
}

/**
 * Lists the pointers that a search may set. What changes the measure (data, network, epochs, batch size, seed, metric)
 * is left out, because values could no longer be compared (invariant 8).
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

/** The fields of an objective that a job can search. */
export interface Searchables {
  /** Searched by default, by name. */
  readonly free: Readonly<Record<string, Searchable>>;
  /** Every JSON pointer a search may set, those of `free` included. */
  readonly allowed: readonly string[];
  isSearchable(pointer: string): boolean;
}

/** Lists fields of b-functions from the catalogue that can be searched without a value in the job file. */
function listOptionalPlaces({ backward }: TrainingObjective): string[] {
  return backward.flatMap(({ derivative }, i) =>
    derivative && Object.hasOwn(derivativeCatalogue, derivative.kind)
      ? ['stretch', 'asymmetry'].map((field) => `/backward/${i}/derivative/${field}`)
      : [],
  );
}

export function listSearchables(objective: TrainingObjective): Searchables {
  const free = freeMetaWeights(objective);
  const found = new Set(Object.values(free).map(({ at }) => at));
  const walk = (node: unknown, path: string): void => {
    if (typeof node === 'object' && node !== null) {
      for (const [key, value] of Object.entries(node)) walk(value, `${path}/${key}`);
    } else if (ALLOWED.some((pattern) => pattern.test(path))) found.add(path);
  };
  walk(objective, '');
  for (const place of listOptionalPlaces(objective)) found.add(place);
  return { free, allowed: [...found], isSearchable: (pointer) => found.has(pointer) };
}

/** Gives meta-networks without weights zeros, which the point overwrites. */
function withMetaWeights(objective: TrainingObjective): TrainingObjective {
  const backward = objective.backward.map((entry) => {
    if (entry.derivative?.kind !== 'meta-network' || entry.derivative.weights) return entry;
    const zeros = Array.from({ length: entry.derivative.hidden }, () => 0);
    const weights: MetaWeights = entry.derivative.bias
      ? { u: zeros, b: zeros, v: zeros, d: 0 }
      : { u: zeros, v: zeros };
    return { ...entry, derivative: { ...entry.derivative, weights } };
  });
  return { ...objective, backward };
}

/** Sets one field. Setting a derivative's `kind` resets the derivative to the defaults of that kind. */
function assignValue(objective: TrainingObjective, at: string, value: ParameterValue): TrainingObjective {
  return DERIVATIVE_KIND.test(at)
    ? setAtPointer(objective, at.slice(0, -'/kind'.length), { kind: value })
    : setAtPointer(objective, at, value);
}

/**
 * Returns the objective with the values of a point, which is what one trial trains. Kinds of derivatives are set before
 * their parameters.
 *
 * @throws ZodError when a value is out of its field's range, RangeError when its place is not there; `checkBounds` sees
 *   to both
 */
export function applyPoint(objective: TrainingObjective, bindings: Bindings, point: Point): TrainingObjective {
  const places = Object.entries(bindings).filter(([name]) => Object.hasOwn(point, name));
  const kindsFirst = places.toSorted((a, b) => Number(DERIVATIVE_KIND.test(b[1])) - Number(DERIVATIVE_KIND.test(a[1])));
  const concrete = kindsFirst.reduce(
    (current, [name, at]) => assignValue(current, at, point[name]!),
    withMetaWeights(objective),
  );
  return trainingObjectiveSchema.parse(concrete);
}

/** A share of a range that gives no whole number: the golden section. */
const INSIDE = (3 - Math.sqrt(5)) / 2;

/** The values of a parameter that between them show whether its whole range is acceptable. */
function listProbes(parameter: Parameter): readonly ParameterValue[] {
  if (parameter.type === 'categorical') return parameter.choices;
  if (parameter.type === 'constant') return [parameter.value];
  const { type, low, high, step = (high - low) * INSIDE } = parameter;
  return type === 'float' && low + step <= high ? [low, high, low + step] : [low, high];
}

/**
 * Lists values of the search that the objective's fields would refuse: the bounds and choices of each parameter, and
 * each kind of derivative with the other parameters searched there. Paths start with the parameter's name.
 */
export function checkBounds(objective: TrainingObjective, space: SpaceDefinition, bindings: Bindings): Problem[] {
  const base = withMetaWeights(objective);
  const alone = Object.entries(space).flatMap(([name, parameter]) => {
    if (!Object.hasOwn(bindings, name)) return [];
    const at = bindings[name]!;
    const refusals = listProbes(parameter).flatMap((value) => {
      const input = assignValue(base, at, value);
      const result = trainingObjectiveSchema.safeParse(input);
      return result.success ? [] : [{ value, message: describeRefusal(value, at, result.error, input) }];
    });
    // A value between the bounds is of interest only if both bounds are accepted.
    const outer = refusals.filter(({ value }) => !isBetween(value, parameter));
    const shown = (outer.length ? outer : refusals).map(({ message }) => message);
    return [...new Set(shown)].map((message): Problem => ({ path: [name], message }));
  });
  return alone.length ? alone : kindProblems(space, bindings);
}

function isBetween(value: ParameterValue, parameter: Parameter): boolean {
  return parameter.type === 'float' && value !== parameter.low && value !== parameter.high;
}

function describeRefusal(value: ParameterValue, at: string, error: z.ZodError, input: unknown): string {
  const [issue] = error.issues;
  if (issue!.code === 'invalid_type' && issue!.expected === 'int' && typeof value === 'number')
    return `${at} takes whole numbers only; use type: int or a whole step`;
  const [problem] = toProblems(error, { schema: trainingObjectiveSchema, input });
  return `${at} ${problem!.message}`;
}

/** Setting a kind resets its derivative, so the other parameters searched there must exist for every kind. */
function kindProblems(space: SpaceDefinition, bindings: Bindings): Problem[] {
  return Object.entries(bindings)
    .filter(([, at]) => DERIVATIVE_KIND.test(at))
    .flatMap(([name, at]): Problem[] => {
      const derivative = at.slice(0, -'/kind'.length);
      const others = Object.entries(bindings).filter(
        ([other, place]) => other !== name && place.startsWith(`${derivative}/`),
      );
      return listProbes(space[name]!)
        .flatMap((kind): Problem[] => {
          if (kind === 'meta-network')
            return [
              {
                path: [name],
                message:
                  'meta-network cannot be a choice, because its weights have no defaults; search it in a separate job',
              },
            ];
          const without = others.filter(
            ([other, place]) => !hasPlace(kind, place.slice(derivative.length), listProbes(space[other]!)[0]!),
          );
          if (!without.length) return [];
          const [places, names] = [
            without.map(([, place]) => place.slice(derivative.length + 1)).join(', '),
            without.map(([other]) => other).join(', '),
          ];
          return [
            {
              path: [name],
              message:
                `${kind} has nothing at ${places}, which ${names} ` +
                `${without.length === 1 ? 'sets' : 'set'}; search what only some kinds have in a ` +
                `separate job`,
            },
          ];
        })
        .slice(0, 1);
    });
}

function hasPlace(kind: ParameterValue, place: string, value: ParameterValue): boolean {
  try {
    return derivativeSchema.safeParse(setAtPointer({ kind }, place, value)).success;
  } catch {
    return false;
  }
}
