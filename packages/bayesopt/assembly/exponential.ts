// e^x of two numbers ≤ 0 at once, by the algorithm of fdlibm, with its constants and its order of operations. It is
// that of Math.exp in V8, so that results have the same bits as scalar code. The branches became selections.

/**
 * Constants that are loaded as vectors of two equal numbers, with one instruction each. The engine would make vectors
 * of immediate values again for each pair, with several instructions each.
 */
const constants = memory.data<f64>([
  1,
  2,
  0.5,
  // 1/ln 2, and ln 2 in two parts
  Math.LOG2E,
  6.9314718036912381649e-1,
  1.90821492927058770002e-10,
  // coefficients
  1.66666666666666019037e-1,
  -2.77777777770155933842e-3,
  6.61375632143793436117e-5,
  -1.6533902205465251539e-6,
  4.13813679705723846039e-8,
  // about ½·ln 2 and 2⁻²⁸ (fdlibm compares the upper 32 bits alone), and the least x whose e^x is not 0
  0.3465735912322998,
  3.7252902984619140625e-9,
  -7.4513321910194110842e2,
  // 1.5·2⁵² + 1000 + 1023: the last bits of its sum with k are the biased exponent of 2^(k + 1000)
  6755399441057767,
  // 2⁻¹⁰⁰⁰
  9.3326361850321887899e-302,
]);
const ONE: usize = 0;
const TWO: usize = 8;
const HALF: usize = 16;
const INVERSE_LN2: usize = 24;
const LN2_HIGH: usize = 32;
const LN2_LOW: usize = 40;
const P1: usize = 48;
const P2: usize = 56;
const P3: usize = 64;
const P4: usize = 72;
const P5: usize = 80;
const HALF_LN2: usize = 88;
const TINY: usize = 96;
const UNDERFLOW: usize = 104;
const SHIFTER: usize = 112;
const DOWN: usize = 120;

/** Returns e^x for x ≤ 0; NaN stays NaN. */
export function expNegative(x: v128): v128 {
  const one = v128.load64_splat(constants, ONE);
  const two = v128.load64_splat(constants, TWO);
  const size = f64x2.abs(x);
  // x = k·ln 2 + (high − low); k is 0 from −½·ln 2 on.
  const scaled = f64x2.mul(v128.load64_splat(constants, INVERSE_LN2), x);
  const isLarge = f64x2.ge(size, v128.load64_splat(constants, HALF_LN2));
  const k = v128.and(f64x2.trunc(f64x2.sub(scaled, v128.load64_splat(constants, HALF))), isLarge);
  const high = f64x2.sub(x, f64x2.mul(k, v128.load64_splat(constants, LN2_HIGH)));
  const low = f64x2.mul(k, v128.load64_splat(constants, LN2_LOW));
  const r = f64x2.sub(high, low);
  const t = f64x2.mul(r, r);
  let p = f64x2.add(v128.load64_splat(constants, P4), f64x2.mul(t, v128.load64_splat(constants, P5)));
  p = f64x2.add(v128.load64_splat(constants, P3), f64x2.mul(t, p));
  p = f64x2.add(v128.load64_splat(constants, P2), f64x2.mul(t, p));
  p = f64x2.add(v128.load64_splat(constants, P1), f64x2.mul(t, p));
  const c = f64x2.sub(r, f64x2.mul(t, p));
  const quotient = f64x2.div(f64x2.mul(r, c), f64x2.sub(two, c));
  const y = f64x2.sub(one, f64x2.sub(f64x2.sub(low, quotient), high));
  // 2^(k + 1000) and then 2⁻¹⁰⁰⁰: the first product is exact; the second one rounds only if the result is subnormal.
  const power = i64x2.shl(f64x2.add(k, v128.load64_splat(constants, SHIFTER)), 52);
  const result = f64x2.mul(f64x2.mul(y, power), v128.load64_splat(constants, DOWN));
  const isTiny = f64x2.lt(size, v128.load64_splat(constants, TINY));
  const isZero = f64x2.lt(x, v128.load64_splat(constants, UNDERFLOW));
  return v128.andnot(v128.bitselect(f64x2.add(one, x), result, isTiny), isZero);
}
