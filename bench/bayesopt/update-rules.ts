import { evaluateBatch, type Expression, parseFormula, type ProgramValues } from '@gradsmith/bayesopt';

/** Curvatures over four orders of magnitude, so that one rate does not fit all. */
const CURVATURES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
/** The minimum, away from the start at 0, so that no rule finds it without gradients. */
const MINIMUM = [0.7, -1.3, 1.1, -0.6, 0.9, -0.8, 1.2, -1, 0.5];
const STEPS = 150;
const RATE = 0.03;
const NOISE = 0.3;
const [BETA1, BETA2] = [0.9, 0.99];

/**
 * Minimizes Σ √h·(w − c)²/2 from w = 0 by an update rule, with gradients that are noisy in proportion to their
 * curvature.
 *
 * @returns the mean over the steps of ln(1 + 100·loss); NaN if the weights become infinite
 */
export function minimizeNoisyQuadratic(formula: string): number {
  const rule: Expression = parseFormula(formula, (name): Expression => ({ kind: 'variable', name }));
  const size = CURVATURES.length;
  let w = new Float64Array(size);
  let m = new Float64Array(size);
  let v = new Float64Array(size);
  let state = 12345;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  let total = 0;
  for (let k = 1; k <= STEPS; k++) {
    const loss = CURVATURES.reduce((sum, h, i) => sum + (Math.sqrt(h) * (w[i]! - MINIMUM[i]!) ** 2) / 2, 0);
    total += Math.log1p(100 * loss) / STEPS;
    const g = Float64Array.from(CURVATURES, (h, i) => h * (w[i]! - MINIMUM[i]! + NOISE * (uniform() + uniform() - 1)));
    const p = m;
    m = p.map((old, i) => BETA1 * old + (1 - BETA1) * g[i]!);
    v = v.map((old, i) => BETA2 * old + (1 - BETA2) * g[i]! ** 2);
    const step = evaluateBatch(rule, { g, m, v, p, w }, { rows: 1, size });
    w = w.map((weight, i) => weight - RATE * step[i]!);
    if (!w.every(Number.isFinite)) return Number.NaN;
  }
  return total;
}

/** What rules for `minimizeQuadratic` are made of: the gradient, its running mean, its square, and noise. */
export const quadraticRules: ProgramValues = {
  type: 'program',
  operands: ['g', 'm', 'v', 'n'],
  functions: ['add', 'sub', 'mul', 'abs', 'square'],
  maxNodes: 9,
  constants: { low: -20, high: 20 },
  probes: { v: 'square(g)' },
};

/** Value that only rules with both the gradient and momentum reach: Nesterov's momentum, `g + 9 * m`, has −10.6. */
export const MOMENTUM_TARGET = -9;

/**
 * Minimizes Σ h·(w − c)²/2 over two orders of magnitude of h from w = 0 by an update rule with the rate 1.
 *
 * @returns the mean over 100 steps of ln(2·loss); NaN if the weights become infinite
 */
export function minimizeQuadratic(formula: string): number {
  const rule: Expression = parseFormula(formula, (name): Expression => ({ kind: 'variable', name }));
  const curvatures = [0.01, 0.05, 0.2, 1];
  const size = curvatures.length;
  let w = new Float64Array(size);
  let m = new Float64Array(size);
  let total = 0;
  for (let k = 0; k < 100; k++) {
    const g = w.map((weight, i) => curvatures[i]! * (weight - MINIMUM[i]!));
    m = m.map((old, i) => BETA1 * old + (1 - BETA1) * g[i]!);
    const n = w.map((_, i) => Math.sin(7 * k + i));
    const step = evaluateBatch(rule, { g, m, v: g.map((value) => value * value), n }, { rows: 1, size });
    w = w.map((weight, i) => weight - step[i]!);
    const loss = curvatures.reduce((sum, h, i) => sum + h * (w[i]! - MINIMUM[i]!) ** 2, 0);
    total += Math.log(1e-12 + loss) / 100;
  }
  return Number.isFinite(total) ? total : Number.NaN;
}
