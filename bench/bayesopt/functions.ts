import type { Point, SpaceDefinition } from '@gradsmith/bayesopt';
import { computeMetaNetworkAulc } from './meta-network.ts';

/** A test problem to minimize. */
export interface Problem {
  readonly name: string;
  readonly space: SpaceDefinition;
  /** Number of evaluations of a search, including the space-filling ones. */
  readonly budget: number;
  /**
   * Value from which regret is counted: the known minimum, or the best value found so far if none is known (see
   * `minimumIs`).
   */
  readonly minimum: number;
  readonly minimumIs: 'known' | 'best found';
  /** Standard deviation of the noise that a search sees. Regret is computed from the noiseless value. */
  readonly noise: number;
  /** Whether the problem is not searched but only used to time suggestions. */
  readonly timingOnly?: boolean;
  evaluate(point: Point): number;
}

function createBox(d: number, low: number, high: number): SpaceDefinition {
  return Object.fromEntries(
    Array.from({ length: d }, (_, i) => [`x${String(i + 1).padStart(2, '0')}`, { type: 'float', low, high }]),
  );
}

interface BoxProblem {
  readonly name: string;
  readonly d: number;
  /** Bounds of every coordinate. */
  readonly range: readonly [low: number, high: number];
  readonly budget: number;
  readonly minimum?: number;
  readonly noise?: number;
  readonly timingOnly?: boolean;
}

/** Creates a problem on a box from a function of the coordinates, which are in the order of their names. */
function createBoxProblem(
  { name, d, range: [low, high], budget, minimum = 0, noise = 0, timingOnly = false }: BoxProblem,
  f: (x: number[]) => number,
): Problem {
  const space = createBox(d, low, high);
  const names = Object.keys(space);
  const evaluate = (point: Point): number => f(names.map((key) => Number(point[key])));
  return { name, space, budget, minimum, minimumIs: 'known', noise, timingOnly, evaluate };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Dixon & Szegő (1978). */
function branin([x1 = 0, x2 = 0]: readonly number[]): number {
  const bowl = x2 - (5.1 / (4 * Math.PI ** 2)) * x1 ** 2 + (5 / Math.PI) * x1 - 6;
  return bowl ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x1) + 10;
}

const HARTMANN_HEIGHTS = [1, 1.2, 3, 3.2];

/** Dixon & Szegő (1978): −Σ_i c_i·exp(−Σ_j A_ij·(x_j − P_ij)²). */
function createHartmann(
  a: readonly (readonly number[])[],
  p: readonly (readonly number[])[],
): (x: readonly number[]) => number {
  return (x) =>
    -sum(HARTMANN_HEIGHTS.map((c, i) => c * Math.exp(-sum(x.map((value, j) => a[i]![j]! * (value - p[i]![j]!) ** 2)))));
}

const hartmann3 = createHartmann(
  [
    [3, 10, 30],
    [0.1, 10, 35],
    [3, 10, 30],
    [0.1, 10, 35],
  ],
  [
    [0.3689, 0.117, 0.2673],
    [0.4699, 0.4387, 0.747],
    [0.1091, 0.8732, 0.5547],
    [0.0381, 0.5743, 0.8828],
  ],
);

const hartmann6 = createHartmann(
  [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
  ],
);

function ackley(x: readonly number[]): number {
  const radius = Math.sqrt(sum(x.map((value) => value ** 2)) / x.length);
  const ripple = sum(x.map((value) => Math.cos(2 * Math.PI * value))) / x.length;
  return -20 * Math.exp(-0.2 * radius) - Math.exp(ripple) + 20 + Math.E;
}

function rosenbrock(x: readonly number[]): number {
  return sum(x.slice(1).map((next, i) => 100 * (next - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2));
}

function levy(x: readonly number[]): number {
  const w = x.map((value) => 1 + (value - 1) / 4);
  const last = w.at(-1)!;
  const inner = sum(w.slice(0, -1).map((value) => (value - 1) ** 2 * (1 + 10 * Math.sin(Math.PI * value + 1) ** 2)));
  return Math.sin(Math.PI * w[0]!) ** 2 + inner + (last - 1) ** 2 * (1 + Math.sin(2 * Math.PI * last) ** 2);
}

function rastrigin(x: readonly number[]): number {
  return 10 * x.length + sum(x.map((value) => value ** 2 - 10 * Math.cos(2 * Math.PI * value)));
}

function styblinskiTang(x: readonly number[]): number {
  return sum(x.map((value) => value ** 4 - 16 * value ** 2 + 5 * value)) / 2;
}

/**
 * An artificial tuning problem: a log rate, layers, units, a categorical that shifts the best rate, a switch and a
 * stepped share. Its minimum is 0.
 */
const mixed: Problem = {
  name: 'mixed-6',
  space: {
    dropout: { type: 'float', low: 0, high: 0.5, step: 0.05 },
    layers: { type: 'int', low: 1, high: 8 },
    nesterov: { type: 'categorical', choices: [false, true] },
    optimizer: { type: 'categorical', choices: ['sgd', 'momentum', 'adam', 'adadelta'] },
    rate: { type: 'float', low: 1e-5, high: 1, scale: 'log' },
    units: { type: 'int', low: 4, high: 512, scale: 'log' },
  },
  budget: 80,
  minimum: 0,
  minimumIs: 'known',
  noise: 0,
  evaluate(point) {
    const shift = { sgd: -0.5, momentum: -1.2, adam: -2.6, adadelta: -0.1 }[String(point.optimizer)] ?? 0;
    const offset = { sgd: 0.25, momentum: 0.1, adam: 0, adadelta: 0.4 }[String(point.optimizer)] ?? 0;
    const rate = Math.log10(Number(point.rate)) - shift - 0.05 * (5 - Number(point.layers));
    const units = Math.log2(Number(point.units) / 96);
    const capacity =
      0.04 * (Number(point.layers) - 5) ** 2 + 0.08 * units ** 2 + 0.03 * Math.abs((Number(point.layers) - 5) * units);
    const dropout = 4 * (Number(point.dropout) - 0.15) ** 2;
    const nesterov = point.nesterov === (point.optimizer === 'momentum') ? 0 : 0.05;
    return Math.log1p(4 * rate ** 2) / 2 + offset + capacity + dropout + nesterov;
  },
};

/**
 * Lowest AULC found by 21,000 evaluations of a random search with local refinement. Better points, if any, are only
 * slightly better.
 */
const META_NETWORK_BEST = 0.18046;

const metaNetwork: Problem = {
  name: 'meta-network-4',
  space: {
    b: { type: 'float', low: -3, high: 3 },
    d: { type: 'float', low: -3, high: 3 },
    u: { type: 'float', low: 0, high: 5 },
    v: { type: 'float', low: -3, high: 3 },
  },
  budget: 60,
  minimum: META_NETWORK_BEST,
  minimumIs: 'best found',
  noise: 0,
  evaluate: (point) => computeMetaNetworkAulc(Number(point.u), Number(point.b), Number(point.v), Number(point.d)),
};

const HARTMANN_6_MINIMUM = -3.3223680114155147;

/**
 * The twelve problems, and one that only times suggestions. Budgets are those of published comparisons if there are
 * any.
 */
export const problems: readonly Problem[] = [
  {
    name: 'branin-2',
    space: { x1: { type: 'float', low: -5, high: 10 }, x2: { type: 'float', low: 0, high: 15 } },
    budget: 50,
    minimum: 0.39788735772973816,
    minimumIs: 'known',
    noise: 0,
    evaluate: (point) => branin([Number(point.x1), Number(point.x2)]),
  },
  createBoxProblem({ name: 'hartmann-3', d: 3, range: [0, 1], budget: 50, minimum: -3.8627797869493365 }, hartmann3),
  createBoxProblem({ name: 'hartmann-6', d: 6, range: [0, 1], budget: 100, minimum: HARTMANN_6_MINIMUM }, hartmann6),
  createBoxProblem(
    { name: 'hartmann-6-noise', d: 6, range: [0, 1], budget: 100, minimum: HARTMANN_6_MINIMUM, noise: 0.1 },
    hartmann6,
  ),
  createBoxProblem({ name: 'ackley-5', d: 5, range: [-32.768, 32.768], budget: 100 }, ackley),
  createBoxProblem({ name: 'ackley-20', d: 20, range: [-5, 10], budget: 300 }, ackley),
  createBoxProblem({ name: 'rosenbrock-4', d: 4, range: [-5, 10], budget: 100 }, rosenbrock),
  createBoxProblem({ name: 'levy-10', d: 10, range: [-10, 10], budget: 150 }, levy),
  createBoxProblem({ name: 'rastrigin-4', d: 4, range: [-5.12, 5.12], budget: 100 }, rastrigin),
  createBoxProblem(
    { name: 'styblinski-tang-5', d: 5, range: [-5, 5], budget: 100, minimum: -39.16616570377142 * 5 },
    styblinskiTang,
  ),
  mixed,
  metaNetwork,
  createBoxProblem({ name: 'ackley-60', d: 60, range: [-5, 10], budget: 0, timingOnly: true }, ackley),
];
