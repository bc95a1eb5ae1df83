import { namesIn } from '@gradsmith/bayesopt';
import { buildBasis, buildBFunction } from './derivatives/b-function.ts';
import type { Derivative, Dictionary } from './derivatives/schema.ts';
import { evaluate, listVariables, type VariableValues } from './expression/evaluate.ts';
import type { Expression } from './expression/functions.ts';
import { isReserved } from './expression/parse.ts';

type Path = (string | number)[];

/** Points at which a b-function must be finite before a job starts. */
const PROBES = Array.from({ length: 401 }, (_, i) => (i - 200) / 10);

/** Contexts at which it must be finite, too: the ends of the training, and errors of each sign. */
const CONTEXTS: readonly VariableValues[] = [
  { t: 0, m: 0, s: 1, a: 0, slope: 0, d: 0, ds: 1, depth: 0 },
  { t: 1, m: 0.5, s: 0.1, a: 1, slope: 1, d: 0.1, ds: 0.01, depth: 1 },
  { t: 0.5, m: -0.5, s: 2, a: -1, slope: 0.5, d: -0.1, ds: 0.1, depth: 0.5 },
];

/** Returns where the b-function is not finite, such as `z = -1`. */
function findInfinite(g: Expression): string | undefined {
  const used = [...listVariables(g)].filter((name) => name !== 'z');
  for (const context of used.length ? CONTEXTS : CONTEXTS.slice(0, 1)) {
    const at = PROBES.find((z) => !Number.isFinite(evaluate(g, { ...context, z })));
    if (at !== undefined) return ['z', ...used].map((name) => `${name} = ${{ ...context, z: at }[name]}`).join(', ');
  }
  return undefined;
}

/** Finds a parameter that has no effect, which a search would tune all the same. */
function findIdleParameter({
  formula,
  parameters,
}: Extract<Derivative, { kind: 'expression' }>): { path: Path; message: string } | undefined {
  const used = namesIn(formula);
  for (const name of Object.keys(parameters)) {
    if (isReserved(name))
      return {
        path: ['parameters', name],
        message: `${name} is reserved in formulas; choose another name for the parameter`,
      };
    if (!used.has(name))
      return { path: ['parameters', name], message: `the formula has no ${name}; use it there or leave it out` };
  }
  return undefined;
}

function findDictionaryProblem({
  bases,
  coefficients,
  byDepth,
}: Dictionary): { path: Path; message: string } | undefined {
  for (const [i, basis] of bases.entries()) {
    try {
      const bad = findInfinite(buildBasis(basis));
      if (bad !== undefined) return { path: ['bases', i], message: `is not finite at ${bad}; use max, min or if` };
    } catch (error) {
      return {
        path: ['bases', i],
        message: `is neither a b-function of the catalogue nor a formula: ${(error as Error).message}`,
      };
    }
  }
  if (!coefficients) return undefined;
  if ((coefficients.e !== undefined) !== byDepth)
    return {
      path: ['coefficients'],
      message: byDepth ? 'e is missing; give it or set byDepth: false' : 'e belongs to byDepth: true; leave it out',
    };
  for (const [name, values] of Object.entries(coefficients)) {
    if (values && values.length !== bases.length)
      return { path: ['coefficients', name], message: `takes ${bases.length} number(s), one for each of the bases` };
  }
  return undefined;
}

/** Finds what is wrong with a derivative; the path starts there. */
export function findDerivativeProblem(derivative: Derivative): { path: Path; message: string } | undefined {
  if (derivative.kind === 'meta-network') {
    const { bias, weights, hidden } = derivative;
    if (!weights) return undefined;
    for (const [name, values] of Object.entries({ u: weights.u, v: weights.v, b: weights.b })) {
      if (values && values.length !== hidden)
        return { path: ['weights', name], message: `takes ${hidden} number(s), one for each hidden unit` };
    }
    if ((weights.b !== undefined) !== bias || (weights.d !== undefined) !== bias) {
      return {
        path: ['weights'],
        message: bias
          ? 'b and d are missing; give them or set bias: false'
          : 'b and d are biases; leave them out or set bias: true',
      };
    }
    return undefined;
  }
  if (derivative.kind === 'dictionary') return findDictionaryProblem(derivative);
  const place: Path = derivative.kind === 'expression' ? ['formula'] : [];
  try {
    const g = buildBFunction(derivative);
    const idle = derivative.kind === 'expression' && findIdleParameter(derivative);
    if (idle) return idle;
    const bad = findInfinite(g);
    return bad === undefined
      ? undefined
      : { path: place, message: `g(z) is not finite at ${bad}; use max, min or if to keep it so` };
  } catch (error) {
    return { path: place, message: (error as Error).message };
  }
}
