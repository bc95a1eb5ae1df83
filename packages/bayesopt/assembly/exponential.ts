// e^x of two numbers ≤ 0 at once, by the algorithm of fdlibm, with its constants and its order of operations. It is
// that of Math.exp in V8, so that results have the same bits as scalar code. The branches became selections.

const LN2_HIGH: f64 = 6.9314718036912381649e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
const INVERSE_LN2: f64 = Math.LOG2E;
const P1: f64 = 1.66666666666666019037e-1;
const P2: f64 = -2.77777777770155933842e-3;
const P3: f64 = 6.61375632143793436117e-5;
const P4: f64 = -1.6533902205465251539e-6;
const P5: f64 = 4.13813679705723846039e-8;
/** About ½·ln 2, 1½·ln 2 and 2⁻²⁸: fdlibm compares the upper 32 bits alone. */
const HALF_LN2: u64 = 0x3fd62e4300000000;
const THREE_HALVES_LN2: u64 = 0x3ff0a2b200000000;
const TINY: u64 = 0x3e30000000000000;
/** Below this, e^x is 0. */
const UNDERFLOW: f64 = -7.4513321910194110842e2;
/** 2⁻¹⁰⁰⁰. */
const DOWN: f64 = 9.3326361850321887899e-302;

/** Returns e^x for x ≤ 0; NaN stays NaN. */
export function expNegative(x: v128): v128 {
  const one = f64x2.splat(1);
  const size = f64x2.abs(x);
  // x = k·ln 2 + (high − low)
  let k = f64x2.trunc(f64x2.sub(f64x2.mul(f64x2.splat(INVERSE_LN2), x), f64x2.splat(0.5)));
  k = v128.bitselect(f64x2.splat(-1), k, f64x2.lt(size, f64x2.splat(reinterpret<f64>(THREE_HALVES_LN2))));
  k = v128.and(k, f64x2.ge(size, f64x2.splat(reinterpret<f64>(HALF_LN2))));
  const high = f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  const low = f64x2.mul(k, f64x2.splat(LN2_LOW));
  const r = f64x2.sub(high, low);
  const t = f64x2.mul(r, r);
  let p = f64x2.add(f64x2.splat(P4), f64x2.mul(t, f64x2.splat(P5)));
  p = f64x2.add(f64x2.splat(P3), f64x2.mul(t, p));
  p = f64x2.add(f64x2.splat(P2), f64x2.mul(t, p));
  p = f64x2.add(f64x2.splat(P1), f64x2.mul(t, p));
  const c = f64x2.sub(r, f64x2.mul(t, p));
  const quotient = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c));
  const y = f64x2.sub(one, f64x2.sub(f64x2.sub(low, quotient), high));
  // 2^(k + 1000) and then 2⁻¹⁰⁰⁰: the first product is exact, and the second one rounds only if the result is subnormal.
  const exponent = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k));
  const power = i64x2.shl(i64x2.add(exponent, i64x2.splat(1000 + 1023)), 52);
  const result = f64x2.mul(f64x2.mul(y, power), f64x2.splat(DOWN));
  const small = v128.bitselect(f64x2.add(one, x), result, f64x2.lt(size, f64x2.splat(reinterpret<f64>(TINY))));
  return v128.andnot(small, f64x2.lt(x, f64x2.splat(UNDERFLOW)));
}
