/**
 * Gradient of max pooling: every window hands its dy to its first maximum in row order, as TensorFlow and the cpu
 * backend do. x and dx are n×h×w×c, dy is n×oh×ow×c; the window is fh×fw at strides sh, sw after padding pt, pl. A
 * window of nothing but NaN hands on nothing.
 */
export function maxPoolGradient(
  x: usize,
  dy: usize,
  dx: usize,
  n: i32,
  h: i32,
  w: i32,
  c: i32,
  oh: i32,
  ow: i32,
  fh: i32,
  fw: i32,
  sh: i32,
  sw: i32,
  pt: i32,
  pl: i32,
): void {
  const row = (<usize>(w * c)) << 2,
    col = (<usize>c) << 2,
    image = <usize>h * row;
  memory.fill(dx, 0, <usize>n * image);
  for (let m = 0; m < n; m++) {
    for (let i = 0; i < oh; i++) {
      const top = max(0, i * sh - pt),
        bottom = min(h, i * sh - pt + fh);
      for (let j = 0; j < ow; j++) {
        const left = max(0, j * sw - pl),
          right = min(w, j * sw - pl + fw);
        let channel = 0;
        for (; channel + 4 <= c; channel += 4) {
          window4(x, dx, dy, channel, top, bottom, left, right, row, col);
          dy += 16;
        }
        for (; channel < c; channel++) {
          window1(x, dx, dy, channel, top, bottom, left, right, row, col);
          dy += 4;
        }
      }
    }
    x += image;
    dx += image;
  }
}

function window4(
  x: usize,
  dx: usize,
  dy: usize,
  channel: i32,
  top: i32,
  bottom: i32,
  left: i32,
  right: i32,
  row: usize,
  col: usize,
): void {
  let best = f32x4.splat(-Infinity);
  let where = i32x4.splat(-1);
  for (let r = top; r < bottom; r++) {
    let offset = <usize>r * row + <usize>left * col + ((<usize>channel) << 2);
    for (let k = left; k < right; k++) {
      const value = v128.load(x + offset);
      const larger = f32x4.gt(value, best);
      best = v128.bitselect(value, best, larger);
      where = v128.bitselect(i32x4.splat(<i32>offset), where, larger);
      offset += col;
    }
  }
  give(dx, dy, i32x4.extract_lane(where, 0), 0);
  give(dx, dy, i32x4.extract_lane(where, 1), 4);
  give(dx, dy, i32x4.extract_lane(where, 2), 8);
  give(dx, dy, i32x4.extract_lane(where, 3), 12);
}

function window1(
  x: usize,
  dx: usize,
  dy: usize,
  channel: i32,
  top: i32,
  bottom: i32,
  left: i32,
  right: i32,
  row: usize,
  col: usize,
): void {
  let best: f32 = -Infinity;
  let where = -1;
  for (let r = top; r < bottom; r++) {
    let offset = <usize>r * row + <usize>left * col + ((<usize>channel) << 2);
    for (let k = left; k < right; k++) {
      const value = load<f32>(x + offset);
      if (value > best) {
        best = value;
        where = <i32>offset;
      }
      offset += col;
    }
  }
  give(dx, dy, where, 0);
}

function give(dx: usize, dy: usize, where: i32, lane: usize): void {
  if (where < 0) return;
  const target = dx + <usize>where + lane;
  store<f32>(target, load<f32>(target) + load<f32>(dy + lane));
}
