import { describe, expect, it } from 'vitest';
import { createFeasibility } from '../src/acquisition/feasibility.ts';
import { conditionClassifier, fitClassifier, logEvidence, type LabelData } from '../src/gp/classifier.ts';
import { matern52 } from '../src/gp/kernel.ts';
import { findLatentMode } from '../src/gp/latent-mode.ts';
import { normalCdf } from '../src/math/normal.ts';
import { createRandom } from '../src/random/random.ts';

/** Labels uniform points of three axes, the last of which has no order. */
function labelPoints(n: number, seed: number, isGood: (x: Float64Array) => boolean): LabelData {
  const random = createRandom(seed);
  const d = 3;
  const x = Float64Array.from({ length: n * d }, (_, i) => (i % d === 2 ? random.integer(3) / 2 : random.uniform()));
  const labels = Int8Array.from({ length: n }, (_, i) => (isGood(x.subarray(i * d, i * d + d)) ? 1 : -1));
  return { kernel: matern52, inputs: { n, d, x, categorical: Uint8Array.of(0, 0, 1) }, labels };
}

const isBelow = (x: Float64Array): boolean => x[0]! + x[1]! < 1.2;

describe("Laplace's approximation", () => {
  it.each([
    [-1, -0.5, 0.3, 2, 0.7],
    [0, 0.5, 1, 4, -1],
    [-2, -1, 0, 0, 2],
  ])('has a gradient equal to central differences (ln ℓ = %d, %d, %d, ln s² = %d, m = %d)', (...theta) => {
    const data = labelPoints(25, 3, isBelow);
    const gradient = new Float64Array(theta.length);
    logEvidence(data, theta, gradient);
    theta.forEach((_, c) => {
      const at = (step: number): number =>
        logEvidence(
          data,
          theta.map((value, i) => (i === c ? value + step : value)),
        );
      expect(gradient[c]).toBeCloseTo((at(1e-4) - at(-1e-4)) / 2e-4, 4);
    });
  });

  it('finds latent values that satisfy f = m + K·∂ ln p/∂f', () => {
    const covariance = Float64Array.of(4, 3, 1, 3, 4, 2, 1, 2, 4);
    const { latent, slope } = findLatentMode(covariance, Int8Array.of(1, -1, -1), 0.5)!;
    latent.forEach((f, i) => {
      const product = slope.reduce((sum, g, j) => sum + covariance[3 * i + j]! * g, 0);
      expect(f).toBeCloseTo(0.5 + product, 6);
    });
  });

  it.each([1, -1])('is near the exact probability Φ(y·m/√(1 + s²)) of one label y = %d', (label) => {
    const inputs = { n: 1, d: 1, x: Float64Array.of(0.5), categorical: new Uint8Array(1) };
    const value = logEvidence({ kernel: matern52, inputs, labels: Int8Array.of(label) }, [0, Math.log(2), 0.4]);
    expect(Math.exp(value)).toBeCloseTo(normalCdf((label * 0.4) / Math.sqrt(3)), 1);
  });

  it('returns undefined for a covariance that is not finite', () => {
    expect(findLatentMode(Float64Array.of(Number.NaN), Int8Array.of(1), 0)).toBeUndefined();
  });
});

describe('a fitted classifier', () => {
  it('learns a border from forty points, and that an axis has no effect', () => {
    const data = labelPoints(40, 5, isBelow);
    const prior = fitClassifier(data);
    const feasibility = createFeasibility(conditionClassifier(data, prior)!, prior.mean, { weight: 1 });
    const fresh = labelPoints(400, 6, isBelow);
    const probabilities = feasibility.evaluate(fresh.inputs.x).map(Math.exp);
    const wrong = probabilities.filter((p, i) => p > 0.5 !== fresh.labels[i]! > 0);
    expect(wrong.length).toBeLessThan(40);
    expect(prior.parameters.lengthscales[2]).toBeGreaterThan(2 * prior.parameters.lengthscales[0]!);
  });

  it('does not avoid a point where failures are rare and random', () => {
    const random = createRandom(9);
    const data = labelPoints(60, 8, () => random.uniform() > 0.15);
    const prior = fitClassifier(data);
    const feasibility = createFeasibility(conditionClassifier(data, prior)!, prior.mean, { weight: 1 });
    const probabilities = feasibility.evaluate(data.inputs.x).map(Math.exp);
    expect(probabilities.filter((p) => p < 0.5).length).toBeLessThan(6);
  });

  it.each([-1, 1])('accepts labels that are all %d, at equal points too', (label) => {
    const { inputs, kernel } = labelPoints(8, 1, isBelow);
    const data = { kernel, inputs: { ...inputs, x: inputs.x.fill(0.5) }, labels: new Int8Array(8).fill(label) };
    const prior = fitClassifier(data);
    const surrogate = conditionClassifier(data, prior)!;
    expect(
      createFeasibility(surrogate, prior.mean, { weight: 1 }).evaluate(Float64Array.of(0.5, 0.5, 0.5))[0],
    ).toBeLessThan(0);
  });
});
