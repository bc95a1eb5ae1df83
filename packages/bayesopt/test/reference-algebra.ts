/** Plain loops over increasing k: what the dense algebra must compute, bit for bit. */

/** Factors rows `from` … `to − 1` in place. */
export function factorPlainly(a: Float64Array, stride: number, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < j; k++) sum += a[i * stride + k]! * a[j * stride + k]!;
      const rest = a[i * stride + j]! - sum;
      a[i * stride + j] = i === j ? Math.sqrt(rest) : rest / a[j * stride + j]!;
    }
  }
}

/** Solves L·v = b in place; the entries of b before `first` are 0. */
export function forwardPlainly(l: Float64Array, stride: number, n: number, v: Float64Array, first = 0): void {
  for (let j = first; j < n; j++) {
    let sum = 0;
    for (let k = first; k < j; k++) sum += v[k]! * l[j * stride + k]!;
    v[j] = (v[j]! - sum) / l[j * stride + j]!;
  }
}

/** Solves Lᵀ·w = v in place. */
export function backwardPlainly(l: Float64Array, stride: number, n: number, v: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    v[i] = v[i]! / l[i * stride + i]!;
    for (let k = 0; k < i; k++) v[k]! -= v[i]! * l[i * stride + k]!;
  }
}

/** Returns L⁻ᵀ·L⁻¹, shape [n, n]. Sums start at the block of four rows that the larger index is in. */
export function invertPlainly(l: Float64Array, stride: number, n: number): Float64Array {
  const columns = Array.from({ length: n }, (_, i) => {
    const column = new Float64Array(n);
    column[i] = 1;
    forwardPlainly(l, stride, n, column, i);
    return column;
  });
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = Math.max(i, j) & ~3; k < n; k++) sum += columns[i]![k]! * columns[j]![k]!;
    return sum;
  });
}
