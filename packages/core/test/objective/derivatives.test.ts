import { describe, expect, it } from 'vitest';
import {
  buildActivationDerivative,
  buildActivation,
  buildBackwardExpression,
  compileBFunction,
} from '../../src/objective/derivatives/b-function.ts';
import {
  activationNames,
  type CatalogueName,
  derivativeCatalogue,
  isEstimated,
} from '../../src/objective/derivatives/catalogue.ts';
import { computePenalty, withoutPenalty } from '../../src/objective/derivatives/penalty.ts';
import { derivativeSchema } from '../../src/objective/derivatives/schema.ts';
import { evaluate } from '../../src/objective/expression/evaluate.ts';

const g = (input: object) => compileBFunction(derivativeSchema.parse(input));
const s = (z: number) => 1 / (1 + Math.exp(-z));
const POINTS = [-4.3, -1.7, -0.6, -0.2, 0.15, 0.7, 1.9, 4.1, 6.4];

describe('activations', () => {
  it.each(activationNames.filter((name) => !isEstimated(name)))(
    '%s: the derivative is that of the function',
    (name) => {
      const [sigma, slope] = [buildActivation(name), buildActivationDerivative(name)];
      for (const z of POINTS) {
        const h = 1e-5;
        const difference = (evaluate(sigma, z + h) - evaluate(sigma, z - h)) / (2 * h);
        expect(Math.abs(evaluate(slope, z) - difference), `at ${z}`).toBeLessThan(1e-8);
      }
    },
  );

  it('with steps have their values, and a straight-through estimator as derivative', () => {
    const at = (name: 'step' | 'sign' | 'quantize', levels?: number) => {
      const sigma = buildActivation(name, levels);
      return [-2, -0.4, 0, 0.4, 0.9, 2].map((z) => evaluate(sigma, z));
    };
    expect(at('step')).toEqual([0, 0, 0, 1, 1, 1]);
    expect(at('sign')).toEqual([-1, -1, 1, 1, 1, 1]);
    expect(at('quantize', 2)).toEqual([0, 0, 0, 0, 1, 1]);
    expect(at('quantize', 3)).toEqual([0, 0, 0, 0.5, 1, 1]);
    expect(at('quantize')).toEqual([0, 0, 0, 1 / 3, 1, 1]);
    expect([-5, 0, 5].map(g({ kind: 'step' }))).toEqual([1, 1, 1]);
    expect([-1.1, -1, 0, 1, 1.1].map(g({ kind: 'sign' }))).toEqual([0, 1, 1, 1, 0]);
    expect([-0.1, 0, 1, 1.1].map(g({ kind: 'quantize' }))).toEqual([0, 1, 1, 0]);
  });

  it("ReLU's derivative is 0 at 0", () => {
    expect(g({ kind: 'relu' })(0)).toBe(0);
  });
});

describe('catalogue', () => {
  // Written out by hand, with the defaults put in.
  const BY_HAND: Partial<Record<CatalogueName, (z: number) => number>> = {
    relu: (z) => Number(z > 0),
    'leaky-relu': (z) => (z > 0 ? 1 : 0.1),
    softplus: s,
    sigmoid: (z) => s(z) * (1 - s(z)),
    tanh: (z) => 1 / Math.cosh(z) ** 2,
    silu: (z) => s(z) * (1 + z * (1 - s(z))),
    softsign: (z) => 1 / (1 + Math.abs(z)) ** 2,
    atan: (z) => 1 / (1 + z * z),
    'straight-through': () => 1,
    fahlman: (z) => s(z) * (1 - s(z)) + 0.1,
    'fast-sigmoid': (z) => 1 / (1 + Math.abs(z)) ** 2,
    arctan: (z) => 1 / (1 + (Math.PI * z) ** 2),
    triangle: (z) => 0.3 * Math.max(0, 1 - Math.abs(z)),
    'piecewise-quadratic': (z) => Math.max(0, 1 - Math.abs(z)),
    'piecewise-exponential': (z) => 0.5 * Math.exp(-Math.abs(z)),
    gaussian: (z) => Math.exp(-z * z) / Math.sqrt(Math.PI),
    rectangle: (z) => Number(Math.abs(z) < 0.5),
  };

  it.each(Object.keys(BY_HAND) as CatalogueName[])('%s', (kind) => {
    for (const z of POINTS) expect(g({ kind })(z)).toBeCloseTo(BY_HAND[kind]!(z), 12);
  });

  it.each(Object.keys(derivativeCatalogue))('%s takes a scale', (kind) => {
    for (const z of POINTS) expect(g({ kind, scale: -2.5 })(z)).toBeCloseTo(-2.5 * g({ kind })(z), 12);
  });

  it.each(Object.keys(derivativeCatalogue))('%s can be wider, and wider on one side', (kind) => {
    const plain = g({ kind });
    const [wide, skewed] = [g({ kind, stretch: 2.5 }), g({ kind, stretch: 2, asymmetry: 0.5 })];
    for (const z of POINTS) {
      expect(wide(z)).toBeCloseTo(plain(z / 2.5), 12);
      expect(skewed(z)).toBeCloseTo(plain(z > 0 ? z / 3 : z), 12);
    }
  });

  it('surrogates integrate to 1 where they are densities', () => {
    for (const kind of ['arctan', 'piecewise-quadratic', 'piecewise-exponential', 'gaussian', 'rectangle', 'sigmoid']) {
      const f = g({ kind });
      let area = 0;
      for (let i = -20_000; i < 20_000; i++) area += 0.05 * f(0.05 * (i + 0.5));
      expect(area, kind).toBeCloseTo(1, 3);
    }
  });

  it('accepts custom parameters', () => {
    expect(g({ kind: 'leaky-relu', alpha: 0.25 })(-1)).toBe(0.25);
    expect(g({ kind: 'gaussian', alpha: 2 })(0)).toBeCloseTo(2 / Math.sqrt(Math.PI), 12);
  });
});

describe('meta-network', () => {
  it('is the sum of its hidden units', () => {
    const f = g({
      kind: 'meta-network',
      hidden: 2,
      activation: 'sigmoid',
      weights: { u: [2, -1], b: [0.5, 0], v: [3, 4], d: -1 },
    });
    for (const z of POINTS) expect(f(z)).toBeCloseTo(3 * s(2 * z + 0.5) + 4 * s(-z) - 1, 12);
  });

  it('without biases is odd for tanh', () => {
    const f = g({ kind: 'meta-network', bias: false, weights: { u: [1.5], v: [2] } });
    for (const z of POINTS) expect(f(-z)).toBeCloseTo(-f(z), 12);
  });

  it('throws if its weights are missing', () => {
    expect(() => g({ kind: 'meta-network' })).toThrow('no weights');
  });
});

it('a formula gets σ and σ′ of its layer', () => {
  const derivative = derivativeSchema.parse({ kind: 'expression', formula: '2 * a + 3 * slope' });
  const ofTanh = buildBackwardExpression({ derivative, mask: false }, 'tanh');
  expect(evaluate(ofTanh, 0.5)).toBeCloseTo(2 * Math.tanh(0.5) + 3 / Math.cosh(0.5) ** 2, 12);
  const ofLevels = buildBackwardExpression({ derivative, mask: false }, 'quantize', 3);
  expect(evaluate(ofLevels, 0.6)).toBe(2 * 0.5 + 3);
});

describe('dictionary', () => {
  it('is the weighted sum of named functions and formulas', () => {
    const f = g({ kind: 'dictionary', bases: ['relu', 'tanh', 'z^2'], coefficients: { c: [2, -1, 0.5] } });
    for (const z of POINTS) expect(f(z)).toBeCloseTo(2 * Number(z > 0) - 1 / Math.cosh(z) ** 2 + (z * z) / 2, 12);
  });

  it('has a penalty of the sum of all coefficients', () => {
    const entry = (derivative: object) => ({ layer: 'a', mask: false, derivative: derivativeSchema.parse(derivative) });
    const dictionary = { kind: 'dictionary', bases: ['relu', 'z'], byDepth: true, penalty: 0.1 };
    const backward = [
      entry({ ...dictionary, coefficients: { c: [1, -2], e: [0.5, 0] } }),
      entry({ kind: 'silu' }),
      entry({ ...dictionary, penalty: 2, coefficients: { c: [0, 1], e: [0, 0] } }),
    ];
    expect(computePenalty(backward)).toBeCloseTo(0.35 + 2, 12);
    expect(computePenalty(withoutPenalty(backward))).toBe(0);
  });
});

describe('mask', () => {
  it('keeps g where σ′ is not 0, else 0', () => {
    const masked = buildBackwardExpression(
      { derivative: derivativeSchema.parse({ kind: 'softplus' }), mask: true },
      'relu',
    );
    expect(evaluate(masked, 1)).toBeCloseTo(s(1), 12);
    expect(evaluate(masked, -1)).toBe(0);
  });
});
