import {
  collectDemands,
  type Parameter,
  type ParameterValue,
  type Point,
  type SpaceDefinition,
} from '@gradsmith/bayesopt';
import type { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { setAtPointer } from '../domain/json-pointer.ts';
import { toProblems } from '../domain/to-problems.ts';
import { listLayers, type Transpose } from './backward.ts';
import { derivativeCatalogue } from './derivatives/catalogue.ts';
import {
  type Derivative,
  derivativeSchema,
  type Dictionary,
  type MetaNetwork,
  type MetaWeights,
} from './derivatives/schema.ts';
import { optimizerSchema } from './optimizer.ts';
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
const COEFFICIENT: Parameter = { type: 'float', low: -2, high: 2 };

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

function dictionaryCoefficients(layer: string, at: string, { bases, byDepth }: Dictionary): [string, Searchable][] {
  return (byDepth ? ['c', 'e'] : ['c']).flatMap((name) =>
    bases.map((_, i): [string, Searchable] => [
      `${layer}.${name}${i + 1}`,
      { at: `${at}/coefficients/${name}/${i}`, parameter: COEFFICIENT },
    ]),
  );
}

/**
 * The parameters that a job searches by default: the weights of every meta-network that has none, as `relu7.u`,
 * `relu7.b`, `relu7.v`, `relu7.d` (with several hidden units `relu7.u1`, `relu7.u2`, …; without biases no b and d). u ≥
 * 0, because (u, b, v) and (−u, −b, −v) are the same function for odd activations. And the coefficients of every
 * dictionary that has none, as `relu7.c1`, …, and by depth also `relu7.e1`, …. Layers that share a meta-network or
 * dictionary give its parameters the name of the first.
 */
function listFreeParameters(objective: TrainingObjective): Record<string, Searchable> {
  return Object.fromEntries(
    objective.backward.flatMap(({ derivative, ...entry }, i) => {
      const [layer, at] = [listLayers(entry)[0]!, `/backward/${i}/derivative`];
      if (derivative?.kind === 'meta-network' && !derivative.weights) return metaWeights(layer, at, derivative);
      if (derivative?.kind === 'dictionary' && !derivative.coefficients)
        return dictionaryCoefficients(layer, at, derivative);
      return [];
    }),
  );
}

/** Fields of a b-function that a search cannot set as a whole. */
const FIXED_FIELDS = [
  'formula',
  'parameters',
  'weights',
  'hidden',
  'bias',
  'bases',
  'byDepth',
  'penalty',
  'coefficients',
];

/**
 * Lists the pointers that a search may set. What changes the measure (data, network, epochs, batch size, seed, metric)
 * is left out, because values could no longer be compared (invariant 8).
 */
const ALLOWED: readonly RegExp[] = [
  /^\/optimizer\/(name|learningRate|momentum|rho|epsilon|beta1|beta2|weightDecay|warmup)$/,
  /^\/optimizer\/schedule\/(factor|floor|every)$/,
  /^\/optimizer\/hypergradient\/rate$/,
  /^\/gradientNoise\/(eta|gamma)$/,
  /^\/network\/dropout$/,
  /^\/network\/layers\/\d+\/rate$/,
  /^\/optimizer\/formula$/,
  /^\/backward\/\d+\/(program|derivative)\/formula$/,
  /^\/backward\/\d+\/mask$/,
  /^\/backward\/\d+\/transpose\/(kind|scale|alpha|density|rate)$/,
  new RegExp(`^/backward/\\d+/derivative/(?!(?:${FIXED_FIELDS.join('|')})$)[a-zA-Z][a-zA-Z0-9]*$`),
  /^\/backward\/\d+\/derivative\/parameters\/[a-zA-Z][a-zA-Z0-9]*$/,
  /^\/backward\/\d+\/derivative\/weights\/([ubv]\/\d+|d)$/,
  /^\/backward\/\d+\/derivative\/coefficients\/[ce]\/\d+$/,
];

/** Why a search cannot set fields that it could mean to. */
const REASONS: readonly (readonly [fields: RegExp, reason: string])[] = [
  [/^\/network(\/|$)/, 'because all trials start from the same weights'],
  [
    /^\/(dataset|epochs|batchSize|metric|evaluateEvery)(\/|$)/,
    'because it changes the scale of the metric, and trials could not be compared',
  ],
  [/^\/(seed|seedsPerTrial)$/, 'because all trials have the same seeds'],
];

/** Returns why a search cannot set the field, from `because` on; undefined for fields that are not there. */
export function explainFixed(at: string): string | undefined {
  return REASONS.find(([fields]) => fields.test(at))?.[1];
}

const DERIVATIVE_KIND = /^\/backward\/\d+\/derivative\/kind$/;

const OPTIMIZER_NAME = '/optimizer/name';
/** Fields of an optimizer that every rule has: they do not depend on its name. */
const SHARED_BY_OPTIMIZERS = ['schedule', 'warmup', 'hypergradient'] as const;

/** Whether the fields next to the one at the pointer depend on its value. */
function isSwitch(at: string): boolean {
  return at === OPTIMIZER_NAME || DERIVATIVE_KIND.test(at);
}

/** Returns the pointer to what a switch belongs to: `/optimizer` for `/optimizer/name`. */
function getOwner(at: string): string {
  return at.slice(0, at.lastIndexOf('/'));
}

/** Returns what a switch belongs to, with the defaults of a value; undefined if there is no such value. */
function createDefaults(at: string, value: ParameterValue): object | undefined {
  const parsed =
    at === OPTIMIZER_NAME ? optimizerSchema.safeParse({ name: value }) : derivativeSchema.safeParse({ kind: value });
  return parsed.data;
}

/** The fields of an objective that a job can search. */
export interface Searchables {
  /** Searched by default, by name. */
  readonly free: Readonly<Record<string, Searchable>>;
  /** Every JSON pointer a search may set, those of `free` included. */
  readonly allowed: readonly string[];
  isSearchable(pointer: string): boolean;
}

/** Fields of a replacement of wᵀ that only some kinds use. */
const FIELDS_BY_TRANSPOSE: Partial<Record<Transpose['kind'], readonly string[]>> = {
  'feedback-alignment': ['density'],
  'direct-feedback-alignment': ['density'],
  mixed: ['alpha', 'density'],
  'weight-mirror': ['rate'],
};

/** Lists fields of `backward` that can be searched without a value in the job file. */
function listOptionalPlaces({ backward }: TrainingObjective): string[] {
  return backward.flatMap(({ derivative, transpose }, i) => {
    if (transpose)
      return (FIELDS_BY_TRANSPOSE[transpose.kind] ?? []).map((field) => `/backward/${i}/transpose/${field}`);
    if (!derivative || !Object.hasOwn(derivativeCatalogue, derivative.kind)) return [];
    return ['stretch', 'asymmetry'].map((field) => `/backward/${i}/derivative/${field}`);
  });
}

/**
 * Lists the fields of an objective that a job can search.
 *
 * @param choices searched values by pointer: what one of the chosen optimizers or kinds has can be searched too
 */
export function listSearchables(
  objective: TrainingObjective,
  choices: ReadonlyMap<string, readonly ParameterValue[]> = new Map(),
): Searchables {
  const free = listFreeParameters(objective);
  const found = new Set(Object.values(free).map(({ at }) => at));
  const walk = (node: unknown, path: string): void => {
    if (typeof node === 'object' && node !== null) {
      for (const [key, value] of Object.entries(node)) walk(value, `${path}/${key}`);
    } else if (ALLOWED.some((pattern) => pattern.test(path))) found.add(path);
  };
  walk(objective, '');
  for (const place of listOptionalPlaces(objective)) found.add(place);
  for (const [at, values] of choices)
    if (found.has(at) && isSwitch(at)) for (const value of values) walk(createDefaults(at, value), getOwner(at));
  return { free, allowed: [...found], isSearchable: (pointer) => found.has(pointer) };
}

/** Gives meta-networks without weights and dictionaries without coefficients zeros, which the point overwrites. */
function withZeros(objective: TrainingObjective): TrainingObjective {
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
function assignValue(objective: TrainingObjective, at: string, value: ParameterValue): TrainingObjective {
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

/** A share of a range that gives no whole number: the golden section. */
const INSIDE = (3 - Math.sqrt(5)) / 2;

/** The values of a parameter that between them show whether its whole range is acceptable. */
function listProbes(parameter: Parameter): readonly ParameterValue[] {
  if (parameter.type === 'categorical') return parameter.choices;
  if (parameter.type === 'constant') return [parameter.value];
  if (parameter.type === 'program') return [parameter.operands[0]!];
  const { type, low, high, step = (high - low) * INSIDE } = parameter;
  return type === 'float' && low + step <= high ? [low, high, low + step] : [low, high];
}

/** A search over an objective. */
interface Search {
  readonly space: SpaceDefinition;
  readonly bindings: Bindings;
}

/**
 * Lists values of the search that the objective's fields would refuse: the bounds and choices of each parameter, and
 * each kind of derivative or name of an optimizer with the other parameters searched there. Paths start with the
 * parameter's name.
 */
export function checkBounds(objective: TrainingObjective, space: SpaceDefinition, bindings: Bindings): Problem[] {
  const base = withZeros(objective);
  const search = { space, bindings };
  const alone = Object.entries(space).flatMap(([name, parameter]) => {
    if (!Object.hasOwn(bindings, name)) return [];
    const at = bindings[name]!;
    const refusals = listBases(base, search, name).flatMap((start) =>
      listProbes(parameter).flatMap((value) => {
        const input = assignValue(start, at, value);
        const result = trainingObjectiveSchema.safeParse(input);
        return result.success ? [] : [{ value, message: describeRefusal(value, at, result.error, input) }];
      }),
    );
    // A value between the bounds is of interest only if both bounds are accepted.
    const outer = refusals.filter(({ value }) => !isBetween(value, parameter));
    const shown = (outer.length ? outer : refusals).map(({ message }) => message);
    return [...new Set(shown)].map((message): Problem => ({ path: [name], message }));
  });
  return alone.length ? alone : switchProblems(search);
}

/** The parameter that sets the switch next to another parameter's field. */
interface FoundSwitch {
  readonly name: string;
  /** Its values with which the other parameter is active. */
  readonly values: readonly ParameterValue[];
  /** Whether the other parameter is active only while the switch is. */
  readonly isDemanded: boolean;
}

/** Returns the parameter that sets the switch next to the field of a parameter. */
function findSwitch({ space, bindings }: Search, name: string): FoundSwitch | undefined {
  const at = bindings[name]!;
  const found = Object.entries(bindings).find(
    ([other, place]) => other !== name && isSwitch(place) && at.startsWith(`${getOwner(place)}/`),
  );
  if (!found) return undefined;
  const demanded = collectDemands(space, name).get(found[0]);
  return {
    name: found[0],
    values: [...(demanded ?? listProbes(space[found[0]]!))],
    isDemanded: demanded !== undefined,
  };
}

/**
 * Lists the objectives in which a parameter is set: with each value of the switch next to its field that has the field.
 * What none of them has is refused with the objective as it is.
 */
function listBases(base: TrainingObjective, search: Search, name: string): TrainingObjective[] {
  const found = findSwitch(search, name);
  if (!found) return [base];
  const at = search.bindings[found.name]!;
  const place = search.bindings[name]!;
  const probe = listProbes(search.space[name]!)[0]!;
  const fitting = found.values.filter((value) => hasPlace(at, value, place, probe));
  const isAlwaysSet = found.isDemanded || search.space[found.name]!.when === undefined;
  const set = fitting.map((value) => assignValue(base, at, value));
  return set.length && isAlwaysSet ? set : [...set, base];
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

/** Setting a switch resets its owner, so what is searched there must exist for each value that it is active with. */
function switchProblems(search: Search): Problem[] {
  const { space, bindings } = search;
  const switches = Object.entries(bindings).filter(([, at]) => isSwitch(at));
  return switches.flatMap(([name, at]): Problem[] => {
    const owner = getOwner(at);
    const others = Object.entries(bindings).filter(([other]) => findSwitch(search, other)?.name === name);
    const values = listProbes(space[name]!);
    if (values.includes('meta-network')) {
      const message =
        'meta-network cannot be a choice, because its weights have no defaults; search it in a separate job';
      return [{ path: [name], message }];
    }
    for (const value of values) {
      const without = others.filter(
        ([other, place]) =>
          findSwitch(search, other)!.values.includes(value) &&
          !hasPlace(at, value, place, listProbes(space[other]!)[0]!),
      );
      if (without.length) return [describeMissing(name, value, owner, without)];
    }
    return [];
  });
}

function describeMissing(
  name: string,
  value: ParameterValue,
  owner: string,
  without: readonly (readonly [name: string, place: string])[],
): Problem {
  const places = without.map(([, place]) => place.slice(owner.length + 1)).join(', ');
  const names = without.map(([other]) => other).join(', ');
  const sets = without.length === 1 ? 'sets' : 'set';
  const message =
    `${value} has nothing at ${places}, which ${names} ${sets}; with when: { ${name}: […] }, a parameter is ` +
    'searched only for the values that have it';
  return { path: [name], message };
}

/** Whether a value of a switch has a field at a pointer. */
function hasPlace(at: string, value: ParameterValue, place: string, probe: ParameterValue): boolean {
  const defaults = createDefaults(at, value);
  const schema = at === OPTIMIZER_NAME ? optimizerSchema : derivativeSchema;
  try {
    return (
      defaults !== undefined &&
      schema.safeParse(setAtPointer(defaults, place.slice(getOwner(at).length), probe)).success
    );
  } catch {
    return false;
  }
}
