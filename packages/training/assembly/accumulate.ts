// Sums of outer products, out[c,o] += sum over (image,row,col) of x[c]·y[o], in register tiles of 4×8 with remainders.

/**
 * x points at the first input channel of the first position, y at the first output channel. The last six arguments are
 * the byte distances between images, rows and columns of x and of y.
 */
export function accumulate(
  x: usize,
  y: usize,
  out: usize,
  cin: i32,
  cout: i32,
  images: i32,
  rows: i32,
  cols: i32,
  xImage: usize,
  xRow: usize,
  xCol: usize,
  yImage: usize,
  yRow: usize,
  yCol: usize,
): void {
  // Where whole rows or images lie behind each other, one long inner loop replaces short nested ones.
  if (cols == 1) {
    cols = rows;
    xCol = xRow;
    yCol = yRow;
    rows = 1;
  } else if (xRow == <usize>cols * xCol && yRow == <usize>cols * yCol) {
    cols *= rows;
    rows = 1;
  }
  if (rows == 1) {
    if (cols == 1) {
      cols = images;
      xCol = xImage;
      yCol = yImage;
      images = 1;
    } else {
      rows = images;
      xRow = xImage;
      yRow = yImage;
      images = 1;
    }
  }
  const pitch = (<usize>cout) << 2;
  let o = 0;
  for (; o + 8 <= cout; o += 8) {
    const yo = y + ((<usize>o) << 2);
    let c = 0;
    for (; c + 4 <= cin; c += 4) {
      tile4x8(
        x + ((<usize>c) << 2),
        yo,
        out + ((<usize>(c * cout + o)) << 2),
        pitch,
        images,
        rows,
        cols,
        xImage,
        xRow,
        xCol,
        yImage,
        yRow,
        yCol,
      );
    }
    for (; c < cin; c++) {
      tile1x8(
        x + ((<usize>c) << 2),
        yo,
        out + ((<usize>(c * cout + o)) << 2),
        images,
        rows,
        cols,
        xImage,
        xRow,
        xCol,
        yImage,
        yRow,
        yCol,
      );
    }
  }
  for (; o < cout; o++) {
    const yo = y + ((<usize>o) << 2);
    for (let c = 0; c < cin; c++) {
      tile1x1(
        x + ((<usize>c) << 2),
        yo,
        out + ((<usize>(c * cout + o)) << 2),
        images,
        rows,
        cols,
        xImage,
        xRow,
        xCol,
        yImage,
        yRow,
        yCol,
      );
    }
  }
}

function tile4x8(
  x: usize,
  y: usize,
  out: usize,
  pitch: usize,
  images: i32,
  rows: i32,
  cols: i32,
  xImage: usize,
  xRow: usize,
  xCol: usize,
  yImage: usize,
  yRow: usize,
  yCol: usize,
): void {
  let s00 = f32x4.splat(0),
    s01 = s00,
    s10 = s00,
    s11 = s00,
    s20 = s00,
    s21 = s00,
    s30 = s00,
    s31 = s00;
  for (let i = 0; i < images; i++) {
    let xr = x,
      yr = y;
    for (let r = 0; r < rows; r++) {
      let xp = xr,
        yp = yr;
      for (let k = 0; k < cols; k++) {
        const y0 = v128.load(yp),
          y1 = v128.load(yp, 16);
        let v = v128.load32_splat(xp);
        s00 = f32x4.add(s00, f32x4.mul(v, y0));
        s01 = f32x4.add(s01, f32x4.mul(v, y1));
        v = v128.load32_splat(xp, 4);
        s10 = f32x4.add(s10, f32x4.mul(v, y0));
        s11 = f32x4.add(s11, f32x4.mul(v, y1));
        v = v128.load32_splat(xp, 8);
        s20 = f32x4.add(s20, f32x4.mul(v, y0));
        s21 = f32x4.add(s21, f32x4.mul(v, y1));
        v = v128.load32_splat(xp, 12);
        s30 = f32x4.add(s30, f32x4.mul(v, y0));
        s31 = f32x4.add(s31, f32x4.mul(v, y1));
        xp += xCol;
        yp += yCol;
      }
      xr += xRow;
      yr += yRow;
    }
    x += xImage;
    y += yImage;
  }
  add8(out, s00, s01);
  add8(out + pitch, s10, s11);
  add8(out + 2 * pitch, s20, s21);
  add8(out + 3 * pitch, s30, s31);
}

function tile1x8(
  x: usize,
  y: usize,
  out: usize,
  images: i32,
  rows: i32,
  cols: i32,
  xImage: usize,
  xRow: usize,
  xCol: usize,
  yImage: usize,
  yRow: usize,
  yCol: usize,
): void {
  let s0 = f32x4.splat(0),
    s1 = s0;
  for (let i = 0; i < images; i++) {
    let xr = x,
      yr = y;
    for (let r = 0; r < rows; r++) {
      let xp = xr,
        yp = yr;
      for (let k = 0; k < cols; k++) {
        const v = v128.load32_splat(xp);
        s0 = f32x4.add(s0, f32x4.mul(v, v128.load(yp)));
        s1 = f32x4.add(s1, f32x4.mul(v, v128.load(yp, 16)));
        xp += xCol;
        yp += yCol;
      }
      xr += xRow;
      yr += yRow;
    }
    x += xImage;
    y += yImage;
  }
  add8(out, s0, s1);
}

function tile1x1(
  x: usize,
  y: usize,
  out: usize,
  images: i32,
  rows: i32,
  cols: i32,
  xImage: usize,
  xRow: usize,
  xCol: usize,
  yImage: usize,
  yRow: usize,
  yCol: usize,
): void {
  let sum: f32 = 0;
  for (let i = 0; i < images; i++) {
    let xr = x,
      yr = y;
    for (let r = 0; r < rows; r++) {
      let xp = xr,
        yp = yr;
      for (let k = 0; k < cols; k++) {
        sum += load<f32>(xp) * load<f32>(yp);
        xp += xCol;
        yp += yCol;
      }
      xr += xRow;
      yr += yRow;
    }
    x += xImage;
    y += yImage;
  }
  store<f32>(out, load<f32>(out) + sum);
}

function add8(out: usize, a: v128, b: v128): void {
  v128.store(out, f32x4.add(v128.load(out), a));
  v128.store(out, f32x4.add(v128.load(out, 16), b), 16);
}
