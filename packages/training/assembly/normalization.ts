// Batch norm and sums over all but the channel axis. x, dy, y and dx are rows×channels; everything else is one number a
// channel. Sums run over blocks of rows that stay in the first-level cache, each block in registers first: that is
// fast, and rounding errors stay small.

const BLOCK_BYTES: i32 = 16384;

function rowsInBlock(channels: i32): i32 {
  return max(16, BLOCK_BYTES / (channels << 2));
}

/** out[c] = sum over rows of x[r,c]. */
export function channelSums(x: usize, out: usize, rows: i32, channels: i32): void {
  const pitch = (<usize>channels) << 2;
  memory.fill(out, 0, pitch);
  const block = rowsInBlock(channels);
  for (let first = 0; first < rows; first += block) {
    const count = min(block, rows - first);
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      let p = x + ((<usize>c) << 2),
        sum = f32x4.splat(0);
      for (let r = 0; r < count; r++, p += pitch) sum = f32x4.add(sum, v128.load(p));
      add4(out + ((<usize>c) << 2), sum);
    }
    for (; c < channels; c++) {
      let p = x + ((<usize>c) << 2),
        sum: f32 = 0;
      for (let r = 0; r < count; r++, p += pitch) sum += load<f32>(p);
      add1(out + ((<usize>c) << 2), sum);
    }
    x += <usize>count * pitch;
  }
}

/** out[c] = sum over rows of (x[r,c] − mean[c])². */
function squaredDeviations(x: usize, mean: usize, out: usize, rows: i32, channels: i32): void {
  const pitch = (<usize>channels) << 2;
  memory.fill(out, 0, pitch);
  const block = rowsInBlock(channels);
  for (let first = 0; first < rows; first += block) {
    const count = min(block, rows - first);
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      const m = v128.load(mean + ((<usize>c) << 2));
      let p = x + ((<usize>c) << 2),
        sum = f32x4.splat(0);
      for (let r = 0; r < count; r++, p += pitch) {
        const d = f32x4.sub(v128.load(p), m);
        sum = f32x4.add(sum, f32x4.mul(d, d));
      }
      add4(out + ((<usize>c) << 2), sum);
    }
    for (; c < channels; c++) {
      const m = load<f32>(mean + ((<usize>c) << 2));
      let p = x + ((<usize>c) << 2),
        sum: f32 = 0;
      for (let r = 0; r < count; r++, p += pitch) {
        const d = load<f32>(p) - m;
        sum += d * d;
      }
      add1(out + ((<usize>c) << 2), sum);
    }
    x += <usize>count * pitch;
  }
}

/** products[c] = sum over rows of dy[r,c]·(x[r,c] − mean[c]). */
function productSums(dy: usize, x: usize, mean: usize, products: usize, rows: i32, channels: i32): void {
  const pitch = (<usize>channels) << 2;
  memory.fill(products, 0, pitch);
  const block = rowsInBlock(channels) >> 1;
  for (let first = 0; first < rows; first += block) {
    const count = min(block, rows - first);
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      const m = v128.load(mean + ((<usize>c) << 2));
      let p = x + ((<usize>c) << 2),
        q = dy + ((<usize>c) << 2),
        sum = f32x4.splat(0);
      for (let r = 0; r < count; r++, p += pitch, q += pitch) {
        sum = f32x4.add(sum, f32x4.mul(v128.load(q), f32x4.sub(v128.load(p), m)));
      }
      add4(products + ((<usize>c) << 2), sum);
    }
    for (; c < channels; c++) {
      const m = load<f32>(mean + ((<usize>c) << 2));
      let p = x + ((<usize>c) << 2),
        q = dy + ((<usize>c) << 2),
        sum: f32 = 0;
      for (let r = 0; r < count; r++, p += pitch, q += pitch) sum += load<f32>(q) * (load<f32>(p) - m);
      add1(products + ((<usize>c) << 2), sum);
    }
    x += <usize>count * pitch;
    dy += <usize>count * pitch;
  }
}

/**
 * y = scale·(x − mean)·r + offset with r = 1/√(variance + ε), the variance with divisor `rows`. Writes y, mean,
 * variance, and scale·r into `factor`.
 */
export function batchNorm(
  x: usize,
  scale: usize,
  offset: usize,
  y: usize,
  mean: usize,
  variance: usize,
  factor: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
): void {
  const pitch = (<usize>channels) << 2,
    n = <f32>rows;
  channelSums(x, mean, rows, channels);
  for (let i: usize = 0; i < pitch; i += 4) store<f32>(mean + i, load<f32>(mean + i) / n);
  squaredDeviations(x, mean, variance, rows, channels);
  for (let i: usize = 0; i < pitch; i += 4) {
    const v = load<f32>(variance + i) / n;
    store<f32>(variance + i, v);
    store<f32>(factor + i, load<f32>(scale + i) / sqrt<f32>(v + epsilon));
  }
  for (let r = 0; r < rows; r++) {
    let i: usize = 0;
    for (; i + 16 <= pitch; i += 16) {
      const centered = f32x4.sub(v128.load(x + i), v128.load(mean + i));
      v128.store(y + i, f32x4.add(f32x4.mul(centered, v128.load(factor + i)), v128.load(offset + i)));
    }
    for (; i < pitch; i += 4) {
      store<f32>(y + i, (load<f32>(x + i) - load<f32>(mean + i)) * load<f32>(factor + i) + load<f32>(offset + i));
    }
    x += pitch;
    y += pitch;
  }
}

/**
 * dOffset = Σdy, dScale = r·Σdy·(x − mean), dx = scale·r·(dy − Σdy/n − (x − mean)·r²·Σdy·(x − mean)/n). `slope` is
 * scratch space for one number a channel.
 */
export function batchNormGradient(
  dy: usize,
  x: usize,
  scale: usize,
  mean: usize,
  variance: usize,
  dx: usize,
  dScale: usize,
  dOffset: usize,
  slope: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
): void {
  const pitch = (<usize>channels) << 2,
    n = <f32>rows;
  channelSums(dy, dOffset, rows, channels);
  productSums(dy, x, mean, dScale, rows, channels);
  for (let i: usize = 0; i < pitch; i += 4) {
    const r: f32 = 1 / sqrt<f32>(load<f32>(variance + i) + epsilon);
    const products = load<f32>(dScale + i);
    store<f32>(dScale + i, products * r);
    store<f32>(slope + i, (products * r * r) / n);
  }
  const inverse: f32 = 1 / n;
  for (let row = 0; row < rows; row++) {
    let i: usize = 0;
    for (; i + 16 <= pitch; i += 16) {
      const factor = f32x4.div(
        v128.load(scale + i),
        f32x4.sqrt(f32x4.add(v128.load(variance + i), f32x4.splat(epsilon))),
      );
      const mid = f32x4.sub(v128.load(dy + i), f32x4.mul(v128.load(dOffset + i), f32x4.splat(inverse)));
      const bent = f32x4.mul(f32x4.sub(v128.load(x + i), v128.load(mean + i)), v128.load(slope + i));
      v128.store(dx + i, f32x4.mul(f32x4.sub(mid, bent), factor));
    }
    for (; i < pitch; i += 4) {
      const factor = load<f32>(scale + i) / sqrt<f32>(load<f32>(variance + i) + epsilon);
      const mid = load<f32>(dy + i) - load<f32>(dOffset + i) * inverse;
      const bent = (load<f32>(x + i) - load<f32>(mean + i)) * load<f32>(slope + i);
      store<f32>(dx + i, (mid - bent) * factor);
    }
    dy += pitch;
    x += pitch;
    dx += pitch;
  }
}

/** dx = dy where z > 0, else 0; `size` numbers each. */
export function reluGradient(dy: usize, z: usize, dx: usize, size: i32): void {
  const end = (<usize>size) << 2;
  let i: usize = 0;
  for (; i + 16 <= end; i += 16) {
    v128.store(dx + i, v128.and(v128.load(dy + i), f32x4.gt(v128.load(z + i), f32x4.splat(0))));
  }
  for (; i < end; i += 4) store<f32>(dx + i, load<f32>(z + i) > 0 ? load<f32>(dy + i) : 0);
}

function add4(target: usize, sum: v128): void {
  v128.store(target, f32x4.add(v128.load(target), sum));
}

function add1(target: usize, sum: f32): void {
  store<f32>(target, load<f32>(target) + sum);
}
