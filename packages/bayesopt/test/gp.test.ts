import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawJointSamples, predictLeaveOneOut, computePosteriorCovariance } from '../src/gp/diagnostics.ts';
import { fitHyperparameters, NOISE_FLOOR } from '../src/gp/fit.ts';
import { matern52, rbf, type Kernel } from '../src/gp/kernel.ts';
import { logMarginalLikelihood, logPosterior, toKernelParameters } from '../src/gp/likelihood.ts';
import { computePosterior, computePosteriorGradient } from '../src/gp/posterior.ts';
import { appendRows, conditionSurrogate, type Inputs } from '../src/gp/surrogate.ts';
import { factorRows } from '../src/math/cholesky.ts';
import { createRandom } from '../src/random/random.ts';

const inputs: Inputs = {
  n: 4,
  d: 2,
  x: Float64Array.of(0.1, 0.2, 0.4, 0.9, 0.8, 0.3, 0.6, 0.6),
  categorical: new Uint8Array(2),
};
const targets = Float64Array.of(0.5, -1.2, 0.3, 1.1);
const parameters = { lengthscales: Float64Array.of(0.3, 0.7), signalVariance: 1.4, noiseVariance: 0.05 };
const theta = [Math.log(0.3), Math.log(0.7), Math.log(1.4), Math.log(0.05)];

function createRandomCase(
  n: number,
  d: number,
  seed: number,
): { inputs: Inputs; targets: Float64Array; theta: Float64Array } {
  const stream = createRandom(seed, n, d);
  const categorical = Uint8Array.from({ length: d }, (_, c) => (c === 2 ? 1 : 0));
  const x = Float64Array.from({ length: n * d }, (_, i) => (i % d === 2 ? stream.integer(2) : stream.uniform()));
  return {
    inputs: { n, d, x, categorical },
    targets: Float64Array.from({ length: n }, stream.normal),
    theta: Float64Array.from({ length: d + 2 }, (_, c) => (c === d + 1 ? -3 : stream.normal() * 0.5)),
  };
}

const shapes = [fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 5 }), fc.integer()] as const;

describe('kernels', () => {
  it('agree with their formulas at r = 1 (mpmath) and at 0', () => {
    expect(matern52.value(1)).toBeCloseTo(0.5239941088318203, 15);
    expect(rbf.value(1)).toBeCloseTo(0.6065306597126334, 15);
    expect([matern52.value(0), rbf.value(0)]).toEqual([1, 1]);
  });

  it.each([matern52, rbf])('$name has a slope that is its derivative', (kernel: Kernel) => {
    for (const squared of [0.01, 0.3, 1, 4, 20]) {
      const step = 1e-5 * squared;
      expect(kernel.slope(squared)).toBeCloseTo(
        (kernel.value(squared + step) - kernel.value(squared - step)) / (2 * step),
        8,
      );
    }
  });
});

describe('Gaussian process against NumPy', () => {
  const surrogate = conditionSurrogate({ kernel: matern52, parameters, inputs, targets });

  it('has the posterior mean and variance', () => {
    const { mean, variance } = computePosterior(surrogate, Float64Array.of(0.5, 0.5));
    expect(mean[0]).toBeCloseTo(0.5902106075378566, 13);
    expect(variance[0]).toBeCloseTo(0.22209262524743245, 13);
  });

  it('has the log marginal likelihood', () => {
    expect(logMarginalLikelihood({ kernel: matern52, inputs, targets }, theta)).toBeCloseTo(-7.0215028276615765, 12);
  });

  it('has the leave-one-out predictions', () => {
    const { mean, variance } = predictLeaveOneOut(surrogate);
    const expected = [
      [-0.38347507545686443, 1.3138076537381063],
      [0.8341509779809517, 0.7797479072325527],
      [1.159937755512603, 0.8272397857694844],
      [-0.45786001826318623, 0.5340082008874117],
    ];
    expected.forEach(([m, v], i) => {
      expect(mean[i]).toBeCloseTo(m!, 12);
      expect(variance[i]).toBeCloseTo(v!, 12);
    });
  });
});

describe('Gaussian process of any shape', () => {
  it('has likelihood gradients equal to central differences, for both kernels', () => {
    fc.assert(
      fc.property(...shapes, fc.constantFrom(matern52, rbf), (n, d, seed, kernel) => {
        const { inputs, targets, theta } = createRandomCase(n, d, seed);
        const gradient = new Float64Array(d + 2);
        logPosterior({ kernel, inputs, targets }, theta, gradient);
        for (let c = 0; c < d + 2; c++) {
          const at = (step: number): number =>
            logPosterior(
              { kernel, inputs, targets },
              theta.map((value, i) => (i === c ? value + step : value)),
            );
          const numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
          expect(Math.abs(gradient[c]! - numeric)).toBeLessThan(1e-5 * Math.max(1, Math.abs(numeric)));
        }
      }),
      { numRuns: 40, seed: 5 },
    );
  });

  it('has posterior gradients equal to central differences', () => {
    fc.assert(
      fc.property(...shapes, (n, d, seed) => {
        const { inputs, targets, theta } = createRandomCase(n, d, seed);
        const surrogate = conditionSurrogate({
          kernel: matern52,
          parameters: toKernelParameters(theta),
          inputs,
          targets,
        });
        const stream = createRandom(seed, 9);
        const x = Float64Array.from({ length: d }, (_, c) => (c === 2 ? 1 : stream.uniform()));
        const { meanGradient, varianceGradient } = computePosteriorGradient(surrogate, x);
        for (let c = 0; c < d; c++) {
          if (c === 2) continue;
          const at = (step: number) =>
            computePosterior(
              surrogate,
              x.map((value, i) => (i === c ? value + step : value)),
            );
          const [up, down] = [at(1e-5), at(-1e-5)];
          expect(meanGradient[c]).toBeCloseTo((up.mean[0]! - down.mean[0]!) / 2e-5, 4);
          expect(varianceGradient[c]).toBeCloseTo((up.variance[0]! - down.variance[0]!) / 2e-5, 4);
        }
      }),
      { numRuns: 30, seed: 5 },
    );
  });

  it('has a symmetric positive semidefinite posterior covariance with the variances on its diagonal', () => {
    fc.assert(
      fc.property(...shapes, (n, d, seed) => {
        const { inputs, targets, theta } = createRandomCase(n, d, seed);
        const surrogate = conditionSurrogate({
          kernel: matern52,
          parameters: toKernelParameters(theta),
          inputs,
          targets,
        });
        const points = createRandomCase(6, d, seed + 1).inputs.x;
        const covariance = computePosteriorCovariance(surrogate, points);
        const { variance } = computePosterior(surrogate, points);
        for (let i = 0; i < 6; i++) {
          expect(covariance[i * 6 + i]).toBeCloseTo(variance[i]!, 8);
          for (let j = 0; j < i; j++) expect(covariance[i * 6 + j]).toBe(covariance[j * 6 + i]);
          covariance[i * 6 + i]! += 1e-9;
        }
        expect(factorRows({ data: covariance, stride: 6 }, 0, 6)).toBe(true);
      }),
      { numRuns: 30, seed: 5 },
    );
  });

  it('has the same bits after rows are appended as when conditioned on all rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 14 }), fc.integer({ min: 1, max: 5 }), fc.integer(), (n, d, seed) => {
        const { inputs, targets, theta } = createRandomCase(n, d, seed);
        const known: Inputs = { ...inputs, n: n - 1, x: inputs.x.slice(0, (n - 1) * d) };
        const parameters = toKernelParameters(theta);
        const start = targets.slice(0, n - 1);
        const grown = appendRows(
          conditionSurrogate({ kernel: matern52, parameters, inputs: known, targets: start }),
          inputs.x.slice((n - 1) * d),
          targets,
        );
        expect(grown.alpha).toEqual(
          conditionSurrogate({ kernel: matern52, parameters: toKernelParameters(theta), inputs, targets }).alpha,
        );
      }),
      { numRuns: 30, seed: 5 },
    );
  });

  it('joint samples have the posterior moments', () => {
    const surrogate = conditionSurrogate({ kernel: matern52, parameters, inputs, targets });
    const points = Float64Array.of(0.5, 0.5, 0.55, 0.5);
    const samples = drawJointSamples(surrogate, points, 4000, 3);
    const { mean } = computePosterior(surrogate, points);
    const covariance = computePosteriorCovariance(surrogate, points);
    const average = (f: (sample: Float64Array) => number): number =>
      samples.reduce((sum, sample) => sum + f(sample), 0) / samples.length;
    expect(average((s) => s[0]!)).toBeCloseTo(mean[0]!, 1);
    expect(average((s) => (s[0]! - mean[0]!) * (s[1]! - mean[1]!))).toBeCloseTo(covariance[1]!, 1);
  });
});

describe('fit of hyperparameters', () => {
  it('finds the irrelevant axis and the noise of a known function', () => {
    const stream = createRandom(11);
    const x = Float64Array.from({ length: 120 }, stream.uniform);
    const noisy = Float64Array.from({ length: 60 }, (_, i) => Math.sin(6 * x[2 * i]!) + 0.1 * stream.normal());
    const found = fitHyperparameters(
      { kernel: matern52, inputs: { n: 60, d: 2, x, categorical: new Uint8Array(2) }, targets: noisy },
      [Float64Array.of(0, 0, 0, -4)],
      1,
    );
    const { lengthscales, noiseVariance } = toKernelParameters(found.theta);
    expect(lengthscales[1]! / lengthscales[0]!).toBeGreaterThan(5);
    expect(Math.sqrt(noiseVariance)).toBeGreaterThan(0.07);
    expect(Math.sqrt(noiseVariance)).toBeLessThan(0.14);
  });

  it('returns finite values for repeated points with different values and a start that cannot be evaluated', () => {
    const repeated: Inputs = { n: 6, d: 1, x: new Float64Array(6).fill(0.5), categorical: new Uint8Array(1) };
    const data = { kernel: matern52, inputs: repeated, targets: Float64Array.of(1, -1, 1, -1, 1, -1) };
    const found = fitHyperparameters(data, [Float64Array.of(Number.NaN, Number.NaN, Number.NaN)], 1);
    expect(Number.isFinite(found.logPosterior)).toBe(true);
    expect(toKernelParameters(found.theta).noiseVariance).toBeGreaterThan(NOISE_FLOOR);
  });
});
