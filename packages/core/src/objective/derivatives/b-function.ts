import { evaluate, listVariables, substitute } from '../expression/evaluate.ts';
import { type Expression, call, number, variable, z } from '../expression/functions.ts';
import { parseExpression } from '../expression/parse.ts';
import { type ActivationName, activations, derivativeCatalogue } from './catalogue.ts';
import type { Derivative, Dictionary, MetaNetwork } from './schema.ts';

/** σ(z) of an activation layer. @param levels only for `quantize`: the number of values that σ takes, by default 4 */
export function buildActivation(name: ActivationName, levels?: number): Expression {
  const entry: { formula: string; parameters?: Readonly<Record<string, number>> } = activations[name];
  return parseExpression(entry.formula, levels === undefined ? entry.parameters : { ...entry.parameters, levels });
}

/** σ′(z) of an activation layer, or its straight-through estimator. ReLU's is 0 at z = 0. */
export function buildActivationDerivative(name: ActivationName): Expression {
  const entry = derivativeCatalogue[name];
  return parseExpression(entry.formula, entry.parameters);
}

/** g(z; w) = Σᵢ vᵢ·act(uᵢ·z + bᵢ) + d. @throws RangeError when weights are absent or their number is not `hidden` */
function buildMetaNetwork({ hidden, activation, weights }: MetaNetwork): Expression {
  if (!weights) throw new RangeError('the meta-network has no weights yet: they come from a point of the search space');
  const act = buildActivation(activation);
  const { u, v, b, d } = weights;
  if (u.length !== hidden || v.length !== hidden || (b && b.length !== hidden)) {
    throw new RangeError(`the meta-network has ${hidden} hidden unit(s): u, v and b take as many numbers`);
  }
  const units = u.map((ui, i) => {
    const scaled = call('mul', number(ui), z);
    return call('mul', number(v[i]!), substitute(act, { z: b ? call('add', scaled, number(b[i]!)) : scaled }));
  });
  const sum = units.reduce((left, right) => call('add', left, right));
  return d === undefined ? sum : call('add', sum, number(d));
}

/** A function of a dictionary by its name in the catalogue, or by its formula. @throws ExpressionError */
export function buildBasis(basis: string): Expression {
  if (!Object.hasOwn(derivativeCatalogue, basis)) return parseExpression(basis);
  const { formula, parameters } = derivativeCatalogue[basis as keyof typeof derivativeCatalogue];
  return parseExpression(formula, parameters);
}

/** g(z) = Σᵢ (cᵢ + eᵢ·depth)·φᵢ(z). @throws RangeError when coefficients are absent, ExpressionError */
function buildDictionary({ bases, coefficients }: Dictionary): Expression {
  if (!coefficients)
    throw new RangeError('the dictionary has no coefficients yet: they come from a point of the search space');
  const { c, e } = coefficients;
  const terms = bases.map((basis, i) => {
    const change = e && call('mul', number(e[i]!), variable('depth'));
    return call('mul', change ? call('add', number(c[i]!), change) : number(c[i]!), buildBasis(basis));
  });
  return terms.reduce((left, right) => call('add', left, right));
}

/** g(z) of a b-function. @throws ExpressionError, RangeError */
export function buildBFunction(derivative: Derivative): Expression {
  if (derivative.kind === 'meta-network') return buildMetaNetwork(derivative);
  if (derivative.kind === 'dictionary') return buildDictionary(derivative);
  if (derivative.kind === 'expression') return parseExpression(derivative.formula, derivative.parameters);
  const { kind, scale, stretch = 1, asymmetry = 0, ...parameters } = derivative;
  const input = { z: buildInput(stretch, asymmetry) };
  const g = substitute(parseExpression(derivativeCatalogue[kind].formula, parameters), input);
  return scale === 1 ? g : call('mul', number(scale), g);
}

/** z / stretch, and with an asymmetry z / (stretch·(1 ± asymmetry)): + for z > 0, − for z < 0. */
function buildInput(stretch: number, asymmetry: number): Expression {
  if (asymmetry === 0) return stretch === 1 ? z : call('div', z, number(stretch));
  const [above, below] = [1 + asymmetry, 1 - asymmetry].map((width) => number(1 / (stretch * width)));
  return call('mul', z, call('if', call('gt', z, number(0)), above!, below!));
}

/**
 * What the backward pass multiplies with at one activation layer: g(z), and with the mask g(z)·1[σ′(z) ≠ 0], the case
 * in which the paper's reading as a learning rate holds everywhere. σ and σ′ in a formula are written out, so what is
 * left are z, t, m, s, d, ds and depth.
 *
 * @param levels only for `quantize`
 */
export function buildBackwardExpression(
  replacement: { derivative: Derivative; mask: boolean },
  activation: ActivationName,
  levels?: number,
): Expression {
  const g = substitute(buildBFunction(replacement.derivative), {
    a: buildActivation(activation, levels),
    slope: buildActivationDerivative(activation),
  });
  return replacement.mask ? call('if', call('nonzero', buildActivationDerivative(activation)), g, number(0)) : g;
}

/** A compiled float64 function of z, for charts and reference computations. The context is `TYPICAL_CONTEXT`. */
export function compileBFunction(derivative: Derivative): (z: number) => number {
  const expression = buildBFunction(derivative);
  const usesContext = [...listVariables(expression)].some((name) => name !== 'z');
  return (at) => evaluate(expression, usesContext ? { ...TYPICAL_CONTEXT, z: at } : at);
}

/**
 * The context in which formulas are drawn as functions of z alone: the middle of the training, standardized
 * pre-activations, an error of one standard deviation, and the first layer.
 */
export const TYPICAL_CONTEXT = { t: 0.5, m: 0, s: 1, d: 1, ds: 1, depth: 0 } as const;
