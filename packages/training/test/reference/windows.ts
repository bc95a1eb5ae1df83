import type { ConvLayer, PoolLayer } from '@gradsmith/core/objective';
import { type NdArray, zeros } from './array.ts';

/** Calls `visit` for each output position and each input position inside the image that its window covers. */
function eachPair(
  input: readonly number[],
  output: readonly number[],
  size: number,
  stride: number,
  padding: ConvLayer['padding'],
  visit: (n: number, oy: number, ox: number, iy: number, ix: number, ky: number, kx: number) => void,
): void {
  const [batch, height, width] = input as [number, number, number];
  const [, outHeight, outWidth] = output as [number, number, number];
  const before = (side: number, out: number) => {
    if (padding === 'symmetric') return Math.floor(size / 2);
    return padding === 'valid' ? 0 : Math.floor(Math.max((out - 1) * stride + size - side, 0) / 2);
  };
  const [top, left] = [before(height, outHeight), before(width, outWidth)];
  for (let n = 0; n < batch; n++)
    for (let oy = 0; oy < outHeight; oy++)
      for (let ox = 0; ox < outWidth; ox++)
        for (let ky = 0; ky < size; ky++)
          for (let kx = 0; kx < size; kx++) {
            const [iy, ix] = [oy * stride + ky - top, ox * stride + kx - left];
            if (iy >= 0 && iy < height && ix >= 0 && ix < width) visit(n, oy, ox, iy, ix, ky, kx);
          }
}

const at = (shape: readonly number[], n: number, y: number, x: number) =>
  ((n * shape[1]! + y) * shape[2]! + x) * shape[3]!;

export function convForward(
  x: NdArray,
  w: NdArray,
  b: NdArray | undefined,
  layer: ConvLayer,
  shape: readonly number[],
): NdArray {
  const y = zeros(shape);
  const [cin, cout] = [x.shape[3]!, shape[3]!];
  if (b) for (let i = 0; i < y.data.length; i++) y.data[i] = b.data[i % cout]!;
  eachPair(x.shape, shape, layer.kernel, layer.stride, layer.padding, (n, oy, ox, iy, ix, ky, kx) => {
    const [from, to, tap] = [at(x.shape, n, iy, ix), at(shape, n, oy, ox), (ky * layer.kernel + kx) * cin * cout];
    for (let i = 0; i < cin; i++)
      for (let o = 0; o < cout; o++) y.data[to + o]! += x.data[from + i]! * w.data[tap + i * cout + o]!;
  });
  return y;
}

/** Computes the gradients. dx passes through `transport`, which is w in backpropagation. */
export function convBackward(
  dy: NdArray,
  x: NdArray,
  transport: NdArray,
  layer: ConvLayer,
): { dx: NdArray; dw: NdArray } {
  const [dx, dw] = [zeros(x.shape), zeros(transport.shape)];
  const [cin, cout] = [x.shape[3]!, dy.shape[3]!];
  eachPair(x.shape, dy.shape, layer.kernel, layer.stride, layer.padding, (n, oy, ox, iy, ix, ky, kx) => {
    const [from, to, tap] = [at(x.shape, n, iy, ix), at(dy.shape, n, oy, ox), (ky * layer.kernel + kx) * cin * cout];
    for (let i = 0; i < cin; i++) {
      for (let o = 0; o < cout; o++) {
        dx.data[from + i]! += dy.data[to + o]! * transport.data[tap + i * cout + o]!;
        dw.data[tap + i * cout + o]! += x.data[from + i]! * dy.data[to + o]!;
      }
    }
  });
  return { dx, dw };
}

/** Returns the output and, for each of its elements, the inputs that share its gradient with their weights. */
export function poolForward(
  x: NdArray,
  layer: PoolLayer,
  shape: readonly number[],
): { y: NdArray; sources: { from: number; to: number; weight: number }[] } {
  const y = zeros(shape);
  const channels = shape[3]!;
  if (layer.kind === 'average') {
    const sources: { from: number; to: number; weight: number }[] = [];
    const weight = 1 / layer.size ** 2;
    eachPair(x.shape, shape, layer.size, layer.stride, layer.padding, (n, oy, ox, iy, ix) => {
      for (let c = 0; c < channels; c++) {
        const [from, to] = [at(x.shape, n, iy, ix) + c, at(shape, n, oy, ox) + c];
        y.data[to]! += weight * x.data[from]!;
        sources.push({ from, to, weight });
      }
    });
    return { y, sources };
  }
  const best = new Int32Array(y.data.length).fill(-1);
  eachPair(x.shape, shape, layer.size, layer.stride, layer.padding, (n, oy, ox, iy, ix) => {
    for (let c = 0; c < channels; c++) {
      const [from, to] = [at(x.shape, n, iy, ix) + c, at(shape, n, oy, ox) + c];
      // Of equal values, the first in row-major order counts, as in TensorFlow.
      if (best[to] === -1 || x.data[from]! > x.data[best[to]!]!) best[to] = from;
    }
  });
  for (let i = 0; i < best.length; i++) y.data[i] = x.data[best[i]!]!;
  return { y, sources: Array.from(best, (from, to) => ({ from, to, weight: 1 })) };
}
