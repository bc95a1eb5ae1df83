// Gradients of a two-dimensional convolution, y[n,i,j,o] = sum over (a,b,c) of x[n, i·sh+a−pt, j·sw+b−pl,
// c]·w[a,b,c,o].
import { accumulate } from './accumulate';

/** The first output row (or column) whose input `output·stride + tap − pad` is not negative. */
function firstInside(tap: i32, pad: i32, stride: i32): i32 {
  return pad > tap ? (pad - tap + stride - 1) / stride : 0;
}

/** One past the last output row (or column) whose input is below `size`. */
function endInside(tap: i32, pad: i32, stride: i32, size: i32, outputs: i32): i32 {
  const last = size - 1 - tap + pad;
  return last < 0 ? 0 : min(outputs, last / stride + 1);
}

/**
 * dw[a,b,c,o] = sum over (n,i,j) of x[n, i·sh+a−pt, j·sw+b−pl, c]·dy[n,i,j,o]. x is n×h×w×cin, dy is n×oh×ow×cout, dw
 * is fh×fw×cin×cout and is overwritten. Each register tile sums one image (or some small ones) before it is added to
 * dw, so rounding errors grow with the square root of a short sum.
 */
export function convFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  n: i32,
  h: i32,
  w: i32,
  cin: i32,
  oh: i32,
  ow: i32,
  cout: i32,
  fh: i32,
  fw: i32,
  sh: i32,
  sw: i32,
  pt: i32,
  pl: i32,
): void {
  memory.fill(dw, 0, (<usize>(fh * fw * cin * cout)) << 2);
  const block = max(1, 64 / (oh * ow));
  const xCol = (<usize>cin) << 2,
    xRow = (<usize>(w * cin)) << 2,
    xImage = (<usize>(h * w * cin)) << 2;
  const yCol = (<usize>cout) << 2,
    yRow = (<usize>(ow * cout)) << 2,
    yImage = (<usize>(oh * ow * cout)) << 2;
  for (let first = 0; first < n; first += block) {
    const images = min(block, n - first);
    for (let a = 0; a < fh; a++) {
      const top = firstInside(a, pt, sh),
        rows = endInside(a, pt, sh, h, oh) - top;
      if (rows <= 0) continue;
      for (let b = 0; b < fw; b++) {
        const left = firstInside(b, pl, sw),
          cols = endInside(b, pl, sw, w, ow) - left;
        if (cols <= 0) continue;
        accumulate(
          x + <usize>first * xImage + <usize>(top * sh + a - pt) * xRow + <usize>(left * sw + b - pl) * xCol,
          dy + <usize>first * yImage + <usize>top * yRow + <usize>left * yCol,
          dw + ((<usize>((a * fw + b) * cin * cout)) << 2),
          cin,
          cout,
          images,
          rows,
          cols,
          xImage,
          xRow * <usize>sh,
          xCol * <usize>sw,
          yImage,
          yRow,
          yCol,
        );
      }
    }
  }
}

/** out[fh−1−a, fw−1−b, o, c] = w[a,b,c,o]: with it the input gradient is a forward convolution of dy. */
export function flipFilter(w: usize, out: usize, fh: i32, fw: i32, cin: i32, cout: i32): void {
  const taps = fh * fw;
  for (let tap = 0; tap < taps; tap++) {
    const target = out + ((<usize>((taps - 1 - tap) * cin * cout)) << 2);
    for (let c = 0; c < cin; c++) {
      for (let o = 0; o < cout; o++) {
        store<f32>(target + ((<usize>(o * cin + c)) << 2), load<f32>(w));
        w += 4;
      }
    }
  }
}

/** Copies dy (n×oh×ow×c) to rows and columns 0, s, 2s, … of out (n×((oh−1)·sh+1)×((ow−1)·sw+1)×c), zeros between. */
export function spread(dy: usize, out: usize, n: i32, oh: i32, ow: i32, c: i32, sh: i32, sw: i32): void {
  const height = (oh - 1) * sh + 1,
    width = (ow - 1) * sw + 1;
  const bytes = (<usize>c) << 2;
  memory.fill(out, 0, <usize>(n * height * width) * bytes);
  for (let image = 0; image < n; image++) {
    for (let i = 0; i < oh; i++) {
      let target = out + <usize>((image * height + i * sh) * width) * bytes;
      for (let j = 0; j < ow; j++) {
        memory.copy(target, dy, bytes);
        dy += bytes;
        target += bytes * <usize>sw;
      }
    }
  }
}
