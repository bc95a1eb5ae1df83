// The kernels as in src/gp/kernel.ts, with the same order of operations, at two pairs of points at once.
import { expNegative } from './exponential';

/**
 * Evaluates a kernel between rows of `a` and of `b`, points of d coordinates. Row i of `a` is paired with the first
 * `first` + i·`more` rows of `b`: with all, or with those of a triangle. Writes value·`valueScale`, and unless `slopes`
 * is 0, slope·`slopeScale`.
 *
 * `axes` has 1/ℓ² of each axis, then 1 for each axis without order and 0 for the others. `stride` is that of the rows
 * of both results; 0 packs them. A row with an odd number of pairs writes one number too many, and reads one row of `b`
 * too many.
 */
export function covariances(
  isMatern: bool,
  a: usize,
  aRows: i32,
  b: usize,
  d: i32,
  first: i32,
  more: i32,
  axes: usize,
  values: usize,
  slopes: usize,
  stride: usize,
  valueScale: f64,
  slopeScale: f64,
): void {
  const point = (<usize>d) << 3;
  const byValue = f64x2.splat(valueScale);
  const bySlope = f64x2.splat(slopeScale);
  for (let i = 0, count = first; i < aRows; i++, count += more, a += point) {
    let other = b;
    for (let j = 0; j < count; j += 2, other += 2 * point) {
      const squared = squaredDistances(a, other, other + point, point, axes);
      const at = (<usize>j) << 3;
      // Matérn: the root of 5·r². Squared exponential: r²/2.
      const root = isMatern ? f64x2.sqrt(f64x2.mul(f64x2.splat(5), squared)) : f64x2.div(squared, f64x2.splat(2));
      const decay = expNegative(f64x2.neg(root));
      const linear = f64x2.add(f64x2.splat(1), root);
      let value = decay;
      if (isMatern) {
        const sum = f64x2.add(linear, f64x2.div(f64x2.mul(root, root), f64x2.splat(3)));
        value = f64x2.mul(sum, decay);
      }
      v128.store(values + at, f64x2.mul(byValue, value));
      if (slopes) {
        const slope = isMatern
          ? f64x2.mul(f64x2.mul(f64x2.splat(-5.0 / 6.0), linear), decay)
          : f64x2.div(f64x2.neg(value), f64x2.splat(2));
        v128.store(slopes + at, f64x2.mul(bySlope, slope));
      }
    }
    const step = stride ? stride : (<usize>count) << 3;
    values += step;
    if (slopes) slopes += step;
  }
}

/** Returns Σ_c Δ_c²/ℓ_c² between the point at `a` and those at `b0` and `b1`; Δ² of an axis without order is 0 or 1. */
function squaredDistances(a: usize, b0: usize, b1: usize, point: usize, axes: usize): v128 {
  let sum = f64x2.splat(0);
  for (let c: usize = 0; c < point; c += 8) {
    const b = v128.load64_lane(b1 + c, v128.load64_zero(b0 + c), 1);
    const delta = f64x2.sub(v128.load64_splat(a + c), b);
    let square = f64x2.mul(delta, delta);
    if (load<u64>(axes + point + c)) square = v128.and(f64x2.ne(delta, f64x2.splat(0)), f64x2.splat(1));
    sum = f64x2.add(sum, f64x2.mul(square, v128.load64_splat(axes + c)));
  }
  return sum;
}
