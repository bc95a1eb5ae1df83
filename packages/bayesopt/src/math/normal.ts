/*
 * The normal distribution, accurate to a few units in the last place. erfc and erfcx use the coefficients published by
 * Cody (1969), "Rational Chebyshev approximations for the error function": P/Q forms on |x| ≤ 0.46875, up to 4, and
 * beyond.
 */

const SMALL_P = [3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694, 0.18577770618460315];
const SMALL_Q = [23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const MIDDLE_P = [
  0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769, 1712.0476126340707,
  2051.0783778260716, 1230.3393547979972, 2.1531153547440383e-8,
];
const MIDDLE_Q = [
  15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597, 4362.619090143247,
  3439.3676741437216, 1230.3393548037495,
];
const LARGE_P = [
  0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 0.0006587491615298378,
  0.016315387137302097,
];
const LARGE_Q = [2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918];

const SQRT_PI = Math.sqrt(Math.PI);
export const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

/** Evaluates P/Q in Cody's nested form; the last coefficient leads. */
function evaluateRational(x: number, p: readonly number[], q: readonly number[]): number {
  const last = q.length;
  let numerator = p[last]! * x;
  let denominator = x;
  for (let i = 0; i < last - 1; i++) {
    numerator = (numerator + p[i]!) * x;
    denominator = (denominator + q[i]!) * x;
  }
  return (numerator + p[last - 1]!) / (denominator + q[last - 1]!);
}

/** Returns the scaled complementary error function e^(x²)·erfc(x) for x ≥ 0, which does not underflow. */
export function erfcx(x: number): number {
  if (x <= 0.46875) return Math.exp(x * x) * (1 - x * evaluateRational(x * x, SMALL_P, SMALL_Q));
  if (x <= 4) return evaluateRational(x, MIDDLE_P, MIDDLE_Q);
  const inverseSquare = 1 / (x * x);
  return (1 / SQRT_PI - inverseSquare * evaluateRational(inverseSquare, LARGE_P, LARGE_Q)) / x;
}

/** Returns φ(z). */
export function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z - LOG_SQRT_2PI);
}

/** Returns Φ(z), with full relative accuracy in the lower tail. */
export function normalCdf(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2;
  const tail = 0.5 * erfcx(x) * Math.exp(-0.5 * z * z);
  return z > 0 ? 1 - tail : tail;
}

/** Returns ln Φ(z) and its derivative φ/Φ, without underflow. */
export function logNormalCdf(z: number): { value: number; slope: number } {
  if (z > -1) {
    const cdf = normalCdf(z);
    return { value: Math.log(cdf), slope: normalDensity(z) / cdf };
  }
  const scaled = erfcx(-z * Math.SQRT1_2);
  return { value: Math.log(scaled / 2) - 0.5 * z * z, slope: Math.sqrt(2 / Math.PI) / scaled };
}
