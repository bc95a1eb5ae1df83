import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeasibility } from '../src/acquisition/feasibility.ts';
import { logExpectedImprovement, logImprovement } from '../src/acquisition/log-ei.ts';
import { maximizeAcquisition } from '../src/acquisition/maximize-acquisition.ts';
import {
  createScenarioImprovement,
  type Acquisition,
  type Scenarios,
} from '../src/acquisition/scenario-improvement.ts';
import { matern52 } from '../src/gp/kernel.ts';
import { computePosterior } from '../src/gp/posterior.ts';
import { conditionSurrogate, type Surrogate } from '../src/gp/surrogate.ts';
import { erfcx, logNormalCdf, normalCdf } from '../src/math/normal.ts';
import { createRandom } from '../src/random/random.ts';
import { createFantasies, createNoiselessScenarios, type PendingPoints } from '../src/search/scenarios.ts';
import { createSpace } from '../src/space/space.ts';

function computeRelativeError(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.max(1e-300, Math.abs(expected));
}

describe('special functions agree with mpmath at 60 digits', () => {
  it.each([
    [0, 1],
    [0.25, 0.770346547730997],
    [0.5, 0.6156903441929259],
    [1, 0.427583576155807],
    [3, 0.1790011511813899],
    [4.5, 0.12248480427384142],
    [10, 0.056140992743822586],
    [100, 0.00564161378298943],
    [10000, 5.641895807268084e-5],
  ])('erfcx(%d)', (x, expected) => expect(computeRelativeError(erfcx(x), expected)).toBeLessThan(2e-15));

  it.each([
    [5, 1.6094379231264314],
    [1, 0.08002621884930694],
    [0, -0.9189385332046727],
    [-0.5, -1.6205162643873199],
    [-1, -2.4851210257126413],
    [-2, -4.768783523917114],
    [-10, -55.553122036122356],
    [-30, -457.724653760598],
    [-100, -5010.12957880025],
    [-999, -499015.2324510965],
    [-1001, -501015.23645108583],
    [-1e6, -500000000028.54996],
  ])('ln(φ + zΦ) at %d', (z, expected) =>
    expect(computeRelativeError(logImprovement(z).value, expected)).toBeLessThan(1e-12),
  );

  it('Φ is symmetric and ln Φ is its logarithm', () => {
    for (const z of [-8, -3, -1, -0.2, 0, 0.7, 2, 6]) {
      expect(normalCdf(z) + normalCdf(-z)).toBeCloseTo(1, 14);
      expect(Math.exp(logNormalCdf(z).value)).toBeCloseTo(normalCdf(z), 14);
    }
  });
});

describe('expected improvement', () => {
  it('is max(mean − best, 0) if the variance is 0', () => {
    expect(logExpectedImprovement(3, 0, 1)).toBe(Math.log(2));
    expect(logExpectedImprovement(1, 0, 1)).toBe(-Infinity);
  });

  it('keeps a slope where the improvement underflows', () => {
    const { value, cdfRatio } = logImprovement(-60);
    expect(Math.exp(value)).toBe(0);
    expect(cdfRatio).toBeCloseTo(60, -1);
  });

  it('has ratios equal to its derivative on all branches', () => {
    for (const z of [-2000, -500, -5, -1.001, -0.999, 0, 2]) {
      const step = 1e-6 * Math.max(1, Math.abs(z));
      const slope = (logImprovement(z + step).value - logImprovement(z - step).value) / (2 * step);
      expect(computeRelativeError(logImprovement(z).cdfRatio, slope)).toBeLessThan(1e-5);
    }
  });
});

function createRandomSurrogate(n: number, d: number, seed: number): Surrogate {
  const random = createRandom(seed);
  const x = Float64Array.from({ length: n * d }, random.uniform);
  const categorical = Uint8Array.from({ length: d }, (_, c) => (c === 1 ? 1 : 0));
  if (d > 1) for (let i = 0; i < n; i++) x[i * d + 1] = random.integer(3) / 2;
  const lengthscales = Float64Array.from({ length: d }, () => 0.2 + random.uniform());
  const parameters = { lengthscales, signalVariance: 1.3, noiseVariance: 0.01 };
  const targets = Float64Array.from({ length: n }, random.normal);
  return conditionSurrogate({ kernel: matern52, parameters, inputs: { n, d, x, categorical }, targets });
}

describe('the search for the maximum', () => {
  it.each([
    [200, 24],
    [200, 900],
  ])('of %d categoricals with %d choices evaluates a bounded number of points', (d, count) => {
    const choices = Array.from({ length: count }, (_, k) => k);
    const space = createSpace(
      Object.fromEntries(Array.from({ length: d }, (_, a) => [`c${a}`, { type: 'categorical', choices }])),
    );
    let evaluated = 0;
    const acquisition: Acquisition = {
      evaluate(points) {
        evaluated += points.length / d;
        return Float64Array.from({ length: points.length / d }, (_, i) =>
          points.subarray(i * d, (i + 1) * d).reduce((sum, x) => sum + x, 0),
        );
      },
      evaluateWithGradient: (_, gradient) => (gradient.fill(0), 0),
    };
    const candidates = maximizeAcquisition(acquisition, {
      space,
      lower: new Float64Array(d),
      upper: new Float64Array(d).fill(1),
      lengthscales: new Float64Array(d).fill(1),
      anchors: [new Float64Array(d)],
      spread: 512,
      local: 64,
      climbs: 6,
      random: createRandom(1),
      seed: 1,
    });
    expect(evaluated).toBeLessThan(512 + 64 + 6 * 16 * 160);
    expect(candidates[0]!.value).toBeGreaterThan(candidates[20]!.value);
  });
});

const points = (pending: Float64Array): PendingPoints => ({ pending, mayLead: () => true });

describe('acquisition gradients equal central differences', () => {
  const kinds: Record<string, (surrogate: Surrogate, pending: Float64Array) => Acquisition> = {
    'plain improvement': (s) => createScenarioImprovement(createFantasies(s, 0.5, points(new Float64Array(0)), 1)),
    'fantasies of pending trials': (s, pending) =>
      createScenarioImprovement(createFantasies(s, 0.5, points(pending), 1)),
    'noiseless draws': (s, pending) =>
      createScenarioImprovement(createNoiselessScenarios(s, () => true, points(pending), 1)),
    'with feasibility': (s) =>
      createScenarioImprovement(
        createFantasies(s, 0.5, points(new Float64Array(0)), 1),
        createFeasibility(s, 1, { weight: 3 }),
      ),
  };
  it.each(Object.keys(kinds))('%s', (kind) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 12 }), fc.integer(), (d, n, seed) => {
        const surrogate = createRandomSurrogate(n, d, seed);
        const random = createRandom(seed, 5);
        const point = (): Float64Array =>
          Float64Array.from({ length: d }, (_, c) => (c === 1 ? 0.5 : random.uniform()));
        const acquisition = kinds[kind]!(surrogate, Float64Array.from([...point(), ...point()]));
        const x = point();
        const gradient = new Float64Array(d);
        const value = acquisition.evaluateWithGradient(x, gradient);
        expect(value).toBeCloseTo(acquisition.evaluate(x)[0]!, 8);
        for (let c = 0; c < d; c++) {
          if (c === 1) {
            expect(gradient[c]).toBe(0);
            continue;
          }
          const at = (step: number): number =>
            acquisition.evaluate(x.map((coordinate, i) => (i === c ? coordinate + step : coordinate)))[0]!;
          const numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
          expect(Math.abs(gradient[c]! - numeric)).toBeLessThan(1e-4 * Math.max(1, Math.abs(numeric)));
        }
      }),
      { numRuns: 25, seed: 1 },
    );
  });
});

/** Returns the rows of the scenarios' weights. */
function listAlphas({ alphas, best, surrogate: { inputs } }: Scenarios): Float64Array[] {
  return best.map((_, j) => alphas.slice(j * inputs.n, (j + 1) * inputs.n));
}

describe('noiseless draws', () => {
  it("have the posterior's mean and variance at the rows, also if one row has extra noise", () => {
    const x = Float64Array.of(0.2, 0.5, 0.8);
    const extraNoise = Float64Array.of(0, 1.5, 0);
    const parameters = { lengthscales: Float64Array.of(0.3), signalVariance: 1.3, noiseVariance: 0.05 };
    const inputs = { n: 3, d: 1, x, categorical: Uint8Array.of(0) };
    const targets = Float64Array.of(0.4, -1, 0.9);
    const surrogate = conditionSurrogate({ kernel: matern52, parameters, inputs, targets, extraNoise });
    const at = Float64Array.of(0.5, 0.2);
    const expected = computePosterior(surrogate, at);
    const drawn = Array.from({ length: 600 }, (_, seed) =>
      createNoiselessScenarios(surrogate, () => true, points(new Float64Array(0)), seed),
    ).flatMap((scenarios) =>
      listAlphas(scenarios).map((alpha) => computePosterior({ ...scenarios.surrogate, alpha }, at).mean),
    );
    for (const i of at.keys()) {
      const values = drawn.map((means) => means[i]!);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(mean).toBeCloseTo(expected.mean[i]!, 1);
      // 19,200 draws, half of them independent: three standard errors of a variance are 4.3 %.
      expect(Math.abs(variance / expected.variance[i]! - 1), `at ${at[i]}`).toBeLessThan(0.045);
    }
  });
});

describe('createFantasies', () => {
  it('have the posterior mean and covariance of the pending points', () => {
    const surrogate = createRandomSurrogate(8, 1, 4);
    const pending = Float64Array.of(0.35, 0.4);
    const scenarios = createFantasies(surrogate, -10, points(pending), 9);
    const alphas = listAlphas(scenarios);
    expect(alphas).toHaveLength(32);
    // Antithetic pairs average to the posterior mean: the averaged weights of the pending rows vanish.
    for (let i = 8; i < 10; i++) {
      const average = alphas.reduce((sum, alpha) => sum + alpha[i]!, 0) / 32;
      expect(average).toBeCloseTo(0, 10);
    }
    expect(Math.max(...scenarios.best)).toBeGreaterThan(Math.min(...scenarios.best));
  });
});
