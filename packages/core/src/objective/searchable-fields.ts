import type { ParameterValue } from '@gradsmith/bayesopt';
import type { Transpose } from './backward.ts';
import { derivativeCatalogue } from './derivatives/catalogue.ts';
import { listFreeParameters, type Searchable } from './free-parameters.ts';
import type { TrainingObjective } from './schema.ts';
import { createDefaults, getOwner, isSwitch } from './switch-fields.ts';

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
