/** A row-major matrix whose row r starts at entry r·stride of `data`. */
export interface Matrix {
  readonly data: Float64Array;
  readonly stride: number;
}

/** Four rows of `x` from row `xRow`, four rows of `y` from row `yRow`, and the range of columns to sum over. */
export interface TileOperands {
  readonly x: Matrix;
  readonly xRow: number;
  readonly y: Matrix;
  readonly yRow: number;
  /** First column. */
  readonly from: number;
  /** Column after the last one. */
  readonly to: number;
}

/**
 * Writes sixteen dot products to `out`: out[4r + c] = Σ_k x[xRow + r, k] · y[yRow + c, k], summed in increasing k.
 *
 * This is the inner loop of all dense algebra in the package. Each loaded number serves four products.
 */
export function dotTile({ x, xRow, y, yRow, from, to }: TileOperands, out: Float64Array): void {
  const a = x.data;
  const b = y.data;
  const aRow0 = xRow * x.stride;
  const aRow1 = aRow0 + x.stride;
  const aRow2 = aRow1 + x.stride;
  const aRow3 = aRow2 + x.stride;
  const bRow0 = yRow * y.stride;
  const bRow1 = bRow0 + y.stride;
  const bRow2 = bRow1 + y.stride;
  const bRow3 = bRow2 + y.stride;
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  for (let k = from; k < to; k++) {
    const a0 = a[aRow0 + k]!;
    const a1 = a[aRow1 + k]!;
    const a2 = a[aRow2 + k]!;
    const a3 = a[aRow3 + k]!;
    const b0 = b[bRow0 + k]!;
    const b1 = b[bRow1 + k]!;
    const b2 = b[bRow2 + k]!;
    const b3 = b[bRow3 + k]!;
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
