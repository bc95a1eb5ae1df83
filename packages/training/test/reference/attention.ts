import type { NdArray } from './array.ts';
import type { Pass } from './pass.ts';

type Head = readonly [example: number, head: number];

/** Multi-head self-attention in float64: one query, one key and one channel at a time. */
export function attentionLayer(x: NdArray, [wIn, wOut]: readonly [NdArray, NdArray], heads: number): Pass {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const places = height * width;
  const size = channels / heads;
  const parts = multiplyRows(x.data, wIn.data, channels, 3 * channels);
  /** Position of a channel of a head in the rows of `parts`; part 0 are queries, 1 keys and 2 values. */
  const at = (part: number, [n, head]: Head, place: number, k: number) =>
    (n * places + place) * 3 * channels + part * channels + head * size + k;
  const inMeans = ([n, head]: Head, place: number, k: number) => (n * places + place) * channels + head * size + k;
  const sum = (f: (k: number) => number) => Array.from({ length: size }, (_, k) => f(k)).reduce((a, b) => a + b, 0);
  const means = new Float64Array(x.data.length);
  const rows: { of: Head; query: number; p: number[] }[] = [];
  for (let n = 0; n < batch; n++)
    for (let head = 0; head < heads; head++)
      for (let query = 0; query < places; query++) {
        const of: Head = [n, head];
        const scores = Array.from(
          { length: places },
          (_, key) => sum((k) => parts[at(0, of, query, k)]! * parts[at(1, of, key, k)]!) / Math.sqrt(size),
        );
        const total = scores.reduce((all, score) => all + Math.exp(score), 0);
        const p = scores.map((score) => Math.exp(score) / total);
        rows.push({ of, query, p });
        for (let k = 0; k < size; k++)
          for (let key = 0; key < places; key++) means[inMeans(of, query, k)]! += p[key]! * parts[at(2, of, key, k)]!;
      }
  return {
    y: { shape: x.shape, data: multiplyRows(means, wOut.data, channels, channels) },
    back(dy) {
      const { dw: dOut, dx: dMeans } = differentiateRows({ x: means, w: wOut.data }, dy.data, channels, channels);
      const dParts = new Float64Array(parts.length);
      for (const { of, query, p } of rows) {
        const dP = p.map((_, key) => sum((k) => dMeans[inMeans(of, query, k)]! * parts[at(2, of, key, k)]!));
        for (let key = 0; key < places; key++) {
          // The derivative of softmax, written as its Jacobian p_key·(δ − p_other).
          const dScore = dP.reduce(
            (all, value, other) => all + value * p[other]! * (Number(other === key) - p[key]!),
            0,
          );
          for (let k = 0; k < size; k++) {
            dParts[at(2, of, key, k)]! += p[key]! * dMeans[inMeans(of, query, k)]!;
            dParts[at(0, of, query, k)]! += (dScore * parts[at(1, of, key, k)]!) / Math.sqrt(size);
            dParts[at(1, of, key, k)]! += (dScore * parts[at(0, of, query, k)]!) / Math.sqrt(size);
          }
        }
      }
      const { dw: dIn, dx } = differentiateRows({ x: x.data, w: wIn.data }, dParts, channels, 3 * channels);
      return {
        dx: { shape: x.shape, data: dx },
        gradients: [
          { shape: wIn.shape, data: dIn },
          { shape: wOut.shape, data: dOut },
        ],
      };
    },
  };
}

/** Returns x·w for x in rows of `inputs` values and w [inputs, outputs]. */
function multiplyRows(x: Float64Array, w: Float64Array, inputs: number, outputs: number): Float64Array {
  return Float64Array.from({ length: (x.length / inputs) * outputs }, (_, at) => {
    const [row, j] = [Math.floor(at / outputs), at % outputs];
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += x[row * inputs + i]! * w[i * outputs + j]!;
    return sum;
  });
}

/** Returns the gradients of `multiplyRows`. */
function differentiateRows(
  { x, w }: { x: Float64Array; w: Float64Array },
  dy: Float64Array,
  inputs: number,
  outputs: number,
): { dw: Float64Array; dx: Float64Array } {
  const [dw, dx] = [new Float64Array(w.length), new Float64Array(x.length)];
  for (let at = 0; at < dy.length; at++) {
    const [row, j] = [Math.floor(at / outputs), at % outputs];
    for (let i = 0; i < inputs; i++) {
      dw[i * outputs + j]! += x[row * inputs + i]! * dy[at]!;
      dx[row * inputs + i]! += w[i * outputs + j]! * dy[at]!;
    }
  }
  return { dw, dx };
}
