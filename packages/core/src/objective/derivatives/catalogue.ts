import { namesIn } from '@gradsmith/bayesopt';

/** A formula of z and its parameters with their defaults. */
interface Formula {
  readonly formula: string;
  readonly parameters?: Readonly<Record<string, number>>;
}

interface Activation extends Formula {
  /** The derivative of `formula` with respect to z, or what stands for it. */
  readonly derivative: string;
  /** Whether `derivative` is a straight-through estimator, because the true derivative is 0 almost everywhere. */
  readonly estimated?: true;
}

/**
 * Activation functions σ(z) with their derivatives. In a network an activation has its default parameters; as a
 * b-function, an activation's name stands for its derivative, with custom parameters.
 */
export const activations = {
  identity: { formula: 'z', derivative: '1' },
  relu: { formula: 'max(z, 0)', derivative: 'z > 0' },
  'leaky-relu': { formula: 'if(z > 0, z, alpha * z)', derivative: 'if(z > 0, 1, alpha)', parameters: { alpha: 0.1 } },
  relu6: { formula: 'min(max(z, 0), 6)', derivative: '(z > 0) * (z < 6)' },
  'hard-tanh': { formula: 'min(max(z, -1), 1)', derivative: 'abs(z) < 1' },
  sigmoid: { formula: 'sigmoid(z)', derivative: 'sigmoid(z) * (1 - sigmoid(z))' },
  tanh: { formula: 'tanh(z)', derivative: '1 - tanh(z)^2' },
  softplus: { formula: 'softplus(z)', derivative: 'sigmoid(z)' },
  softsign: { formula: 'z / (1 + abs(z))', derivative: '1 / (1 + abs(z))^2' },
  atan: { formula: 'atan(z)', derivative: '1 / (1 + z^2)' },
  elu: {
    formula: 'if(z > 0, z, alpha * (exp(min(z, 0)) - 1))',
    derivative: 'if(z > 0, 1, alpha * exp(min(z, 0)))',
    parameters: { alpha: 1 },
  },
  // Klambauer et al. 2017: the constants that make mean 0 and variance 1 a fixed point.
  selu: {
    formula: 'lambda * if(z > 0, z, alpha * (exp(min(z, 0)) - 1))',
    derivative: 'lambda * if(z > 0, 1, alpha * exp(min(z, 0)))',
    parameters: { lambda: 1.0507009873554805, alpha: 1.6732632423543772 },
  },
  silu: { formula: 'z * sigmoid(z)', derivative: 'sigmoid(z) * (1 + z * (1 - sigmoid(z)))' },
  gelu: {
    formula: '0.5 * z * (1 + erf(z / sqrt(2)))',
    derivative: '0.5 * (1 + erf(z / sqrt(2))) + z * exp(-z^2 / 2) / sqrt(2 * pi)',
  },
  mish: {
    formula: 'z * tanh(softplus(z))',
    derivative: 'tanh(softplus(z)) + z * (1 - tanh(softplus(z))^2) * sigmoid(z)',
  },
  // The bounded SiLU that serves as ReLU's surrogate in Horuz et al. 2025 ("The resurrection of the ReLU").
  'b-silu': {
    formula: '(z + alpha) * sigmoid(z) - alpha / 2',
    derivative: 'sigmoid(z) + (z + alpha) * sigmoid(z) * (1 - sigmoid(z))',
    parameters: { alpha: 1.67 },
  },
  sin: { formula: 'sin(z)', derivative: 'cos(z)' },
  // Functions with values in steps. Plain backpropagation uses the straight-through estimator of the named paper.
  // Bengio, Léonard and Courville 2013 (arXiv:1308.3432).
  step: { formula: 'z > 0', derivative: '1', estimated: true },
  // Hubara et al. 2016, Binarized Neural Networks.
  sign: { formula: 'if(z >= 0, 1, -1)', derivative: 'abs(z) <= 1', estimated: true },
  // Zhou et al. 2016, DoReFa-Net: values 0, 1/(levels − 1), …, 1.
  quantize: {
    formula: 'floor(min(max(z, 0), 1) * (levels - 1) + 0.5) / (levels - 1)',
    derivative: '(z >= 0) * (z <= 1)',
    parameters: { levels: 4 },
    estimated: true,
  },
} as const satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;
export const activationNames = Object.keys(activations) as ActivationName[];

/** Returns whether plain backpropagation uses a straight-through estimator in place of this activation's derivative. */
export function isEstimated(name: ActivationName): boolean {
  return (activations[name] as Activation).estimated === true;
}

/** b-functions that are not the derivative of an activation in the catalogue. */
export const surrogates = {
  'straight-through': { formula: '1' },
  // Fahlman 1988: the sigmoid's derivative lifted off zero.
  fahlman: { formula: 'sigmoid(z) * (1 - sigmoid(z)) + offset', parameters: { offset: 0.1 } },
  'fast-sigmoid': { formula: '1 / (1 + k * abs(z))^2', parameters: { k: 1 } },
  arctan: { formula: 'alpha / 2 / (1 + (pi * alpha * z / 2)^2)', parameters: { alpha: 2 } },
  triangle: { formula: 'gamma * max(0, 1 - abs(z))', parameters: { gamma: 0.3 } },
  'piecewise-quadratic': { formula: 'alpha * max(0, 1 - alpha * abs(z))', parameters: { alpha: 1 } },
  'piecewise-exponential': { formula: 'alpha / 2 * exp(-alpha * abs(z))', parameters: { alpha: 1 } },
  gaussian: { formula: 'alpha / sqrt(pi) * exp(-(alpha * z)^2)', parameters: { alpha: 1 } },
  rectangle: { formula: '(abs(z) < width / 2) / width', parameters: { width: 1 } },
} as const satisfies Record<string, Formula>;

export type CatalogueName = ActivationName | keyof typeof surrogates;

/** A catalogue entry read as a b-function: g's formula and its parameters' defaults. */
export interface CatalogueEntry {
  readonly formula: string;
  readonly parameters: Readonly<Record<string, number>>;
}

/** Returns the parameters that the formula names. */
function pickUsed(formula: string, parameters: Readonly<Record<string, number>>): Record<string, number> {
  const used = namesIn(formula);
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => used.has(name)));
}

/** Every b-function of the catalogue by name. */
export const derivativeCatalogue: Readonly<Record<CatalogueName, CatalogueEntry>> = Object.fromEntries([
  ...Object.entries(activations as Record<string, Activation>).map(([name, a]) => [
    name,
    { formula: a.derivative, parameters: pickUsed(a.derivative, a.parameters ?? {}) },
  ]),
  ...Object.entries(surrogates as Record<string, Formula>).map(([name, s]) => [
    name,
    { formula: s.formula, parameters: s.parameters ?? {} },
  ]),
]) as Record<CatalogueName, CatalogueEntry>;
