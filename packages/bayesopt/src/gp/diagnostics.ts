import { factorRows, forwardSolve, invertFromFactor } from '../math/cholesky.ts';
import { createRandom } from '../random/random.ts';
import { computeCrossCovariance, computePosterior } from './posterior.ts';
import { computeCovariance, type Surrogate } from './surrogate.ts';

/**
 * Predicts each target from all others, noise included: variance 1/[K⁻¹]_ii and mean y_i − α_i/[K⁻¹]_ii (Rasmussen &
 * Williams 2006, eq. 5.12). Standardized residuals (y − mean)/√variance far outside ±3 indicate a misfit.
 */
export function predictLeaveOneOut({ factor, inputs: { n }, alpha, targets }: Surrogate): {
  mean: Float64Array;
  variance: Float64Array;
} {
  const inverse = invertFromFactor(factor, n);
  const variance = Float64Array.from({ length: n }, (_, i) => 1 / inverse[i * n + i]!);
  return { mean: targets.map((y, i) => y - alpha[i]! * variance[i]!), variance };
}

/** Returns the posterior covariance between points of shape [count, d], without noise; row-major [count, count]. */
export function computePosteriorCovariance(surrogate: Surrogate, points: Float64Array): Float64Array {
  const { kernel, parameters, inputs, factor } = surrogate;
  const count = points.length / inputs.d;
  const explained = computeCrossCovariance(surrogate, points, count);
  forwardSolve(factor, inputs.n, { data: explained, stride: inputs.n }, count);
  const out = computeCovariance({ kernel, parameters, inputs: { ...inputs, n: count, x: points } });
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let value = out[i * count + j]!;
      for (let k = 0; k < inputs.n; k++) value -= explained[i * inputs.n + k]! * explained[j * inputs.n + k]!;
      out[i * count + j] = value;
      out[j * count + i] = value;
    }
  }
  return out;
}

/**
 * Draws the latent function jointly at points of shape [count, d]. Returns `draws` arrays of shape [count]. The
 * covariance gets the least jitter with which it can be factored.
 */
export function drawJointSamples(
  surrogate: Surrogate,
  points: Float64Array,
  draws: number,
  seed: number,
): Float64Array[] {
  const { mean } = computePosterior(surrogate, points);
  const count = mean.length;
  const covariance = computePosteriorCovariance(surrogate, points);
  const scale = surrogate.parameters.signalVariance;
  for (let relative = 1e-12; relative <= 1; relative *= 10) {
    const jitter = relative * scale;
    const factor = Float64Array.from(covariance);
    for (let i = 0; i < count; i++) factor[i * count + i]! += jitter;
    if (factorRows({ data: factor, stride: count }, 0, count)) return drawFromFactor(mean, factor, draws, seed);
  }
  throw new RangeError('the posterior covariance cannot be factored; all points must be finite');
}

function drawFromFactor(mean: Float64Array, factor: Float64Array, draws: number, seed: number): Float64Array[] {
  const random = createRandom(seed, 0x7017);
  const count = mean.length;
  return Array.from({ length: draws }, () => {
    const z = Float64Array.from({ length: count }, random.normal);
    return mean.map((mu, i) => {
      let value = mu;
      for (let k = 0; k <= i; k++) value += factor[i * count + k]! * z[k]!;
      return value;
    });
  });
}
