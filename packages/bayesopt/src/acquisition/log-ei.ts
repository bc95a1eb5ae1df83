import { erfcx, LOG_SQRT_2PI, normalCdf, normalDensity } from '../math/normal.ts';

const SQRT_HALF_PI = Math.sqrt(Math.PI / 2);

/**
 * Returns ln h(z) with h = φ(z) + z·Φ(z), and the ratios that its gradient needs. For maximization, expected
 * improvement is ln EI = ln σ + ln h((μ − best)/σ), with ∂lnEI/∂μ = (Φ/h)/σ and ∂lnEI/∂σ = (φ/h)/σ (Ament et al. 2023,
 * "Unexpected improvements to expected improvement", eq. 9 and appendix A.1).
 */
export function logImprovement(z: number): { value: number; cdfRatio: number; densityRatio: number } {
  if (z > -1) {
    const density = normalDensity(z);
    const cdf = normalCdf(z);
    const h = density + z * cdf;
    return { value: Math.log(h), cdfRatio: cdf / h, densityRatio: density / h };
  }
  // h = φ·r with r = 1 − √(π/2)·|z|·erfcx(|z|/√2); r loses digits as |z| grows, so its asymptotic series takes over.
  const u = -z;
  const millsRatio = SQRT_HALF_PI * erfcx(u * Math.SQRT1_2);
  const inverse = 1 / (u * u);
  const r = u > 1e3 ? inverse * (1 - 3 * inverse + 15 * inverse * inverse) : 1 - u * millsRatio;
  return { value: -0.5 * z * z - LOG_SQRT_2PI + Math.log(r), cdfRatio: millsRatio / r, densityRatio: 1 / r };
}

/** Returns ln of the expected improvement of N(mean, variance) over `best`; at σ = 0 it is ln max(mean − best, 0). */
export function logExpectedImprovement(mean: number, variance: number, best: number): number {
  if (variance <= 0) return mean > best ? Math.log(mean - best) : -Infinity;
  const sigma = Math.sqrt(variance);
  return Math.log(sigma) + logImprovement((mean - best) / sigma).value;
}
