import { factorRows, forwardSolve, inverseOf } from '../linalg/cholesky.ts';
import { createRandom } from '../random/random.ts';
import { crossCovariance, posterior } from './posterior.ts';
import { scaledSquaredDistance, weightsOf, type Surrogate } from './surrogate.ts';

/**
 * Leave-one-out predictions of the targets, noise included: variance 1/[K⁻¹]_ii and mean y_i − α_i/[K⁻¹]_ii (Rasmussen
 * & Williams 2006, eq. 5.12). Standardised residuals (y − mean)/√variance far outside ±3 tell of a misfit.
 */
export function leaveOneOut({ factor, stride, inputs: { n }, alpha, targets }: Surrogate): {
  mean: Float64Array;
  variance: Float64Array;
} {
  const inverse = inverseOf(factor, stride, n);
  const variance = Float64Array.from({ length: n }, (_, i) => 1 / inverse[i * n + i]!);
  return { mean: targets.map((y, i) => y - alpha[i]! * variance[i]!), variance };
}

/** Posterior covariance of the latent function between points of shape [count, d]; row-major [count, count]. */
export function posteriorCovariance(surrogate: Surrogate, points: Float64Array): Float64Array {
  const { kernel, parameters, inputs, factor, stride } = surrogate;
  const count = points.length / inputs.d;
  const explained = crossCovariance(surrogate, points, count);
  forwardSolve(factor, stride, inputs.n, explained, inputs.n, count);
  const weights = weightsOf(parameters.lengthscales);
  const out = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let value =
        parameters.signalVariance *
        kernel.value(scaledSquaredDistance(points, i, points, j, weights, inputs.categorical));
      for (let k = 0; k < inputs.n; k++) value -= explained[i * inputs.n + k]! * explained[j * inputs.n + k]!;
      out[i * count + j] = value;
      out[j * count + i] = value;
    }
  }
  return out;
}

/**
 * Joint draws of the latent function at points of shape [count, d]: `draws` arrays of shape [count]. The covariance
 * gets the least jitter that lets it be factored.
 */
export function jointSamples(surrogate: Surrogate, points: Float64Array, draws: number, seed: number): Float64Array[] {
  const { mean } = posterior(surrogate, points);
  const count = mean.length;
  const covariance = posteriorCovariance(surrogate, points);
  const scale = surrogate.parameters.signalVariance;
  for (let jitter = 1e-12 * scale; ; jitter *= 10) {
    const factor = Float64Array.from(covariance);
    for (let i = 0; i < count; i++) factor[i * count + i]! += jitter;
    if (factorRows(factor, count, 0, count)) return drawFrom(mean, factor, draws, seed);
  }
}

function drawFrom(mean: Float64Array, factor: Float64Array, draws: number, seed: number): Float64Array[] {
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
