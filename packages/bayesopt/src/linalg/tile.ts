/**
 * The inner loop of all dense algebra here: sixteen dot products at once, so that each loaded number serves four of
 * them. out[4r + c] = Σ x[xRow + r·xStride + k] · y[yRow + c·yStride + k] over from ≤ k < to, summed in increasing k.
 */
export function dotTile(
  x: Float64Array,
  xRow: number,
  xStride: number,
  y: Float64Array,
  yRow: number,
  yStride: number,
  from: number,
  to: number,
  out: Float64Array,
): void {
  const x1 = xRow + xStride,
    x2 = x1 + xStride,
    x3 = x2 + xStride;
  const y1 = yRow + yStride,
    y2 = y1 + yStride,
    y3 = y2 + yStride;
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0,
    s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0;
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0,
    s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0;
  for (let k = from; k < to; k++) {
    const a0 = x[xRow + k]!,
      a1 = x[x1 + k]!,
      a2 = x[x2 + k]!,
      a3 = x[x3 + k]!;
    const b0 = y[yRow + k]!,
      b1 = y[y1 + k]!,
      b2 = y[y2 + k]!,
      b3 = y[y3 + k]!;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  out[0] = s00;
  out[1] = s01;
  out[2] = s02;
  out[3] = s03;
  out[4] = s10;
  out[5] = s11;
  out[6] = s12;
  out[7] = s13;
  out[8] = s20;
  out[9] = s21;
  out[10] = s22;
  out[11] = s23;
  out[12] = s30;
  out[13] = s31;
  out[14] = s32;
  out[15] = s33;
}
