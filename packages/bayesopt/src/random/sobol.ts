import { directionNumbers } from './direction-numbers.ts';
import { createRandom, hashWords } from './random.ts';

const BITS = 32;
const SCALE = 1 / 4294967296;

/** Number of dimensions with direction numbers. Further dimensions get pseudo-random coordinates. */
export const SOBOL_DIMENSIONS = directionNumbers.length + 1;

/**
 * Creates points `start` … `start + count − 1` of the Sobol sequence in [0, 1)^d, row-major, shape [count, d].
 *
 * With a `seed`, the points get hash-based Owen scrambling (Laine & Karras 2011; Burley 2020). It keeps the
 * equidistribution of the net and moves the points away from the corner of the cube. Without a seed, they are the plain
 * sequence, which starts at the origin.
 */
export function createSobolPoints(count: number, dimensions: number, seed?: number, start = 0): Float64Array {
  const points = new Float64Array(count * dimensions);
  const seeds = seed === undefined ? undefined : hashWords([seed, 0x50b01]);
  for (let d = 0; d < dimensions; d++) {
    const scramble = seeds?.();
    if (d >= SOBOL_DIMENSIONS) {
      for (let i = 0; i < count; i++) points[i * dimensions + d] = createRandom(seed ?? 0, d, start + i).uniform();
      continue;
    }
    const directions = computeDirections(d);
    for (let i = 0; i < count; i++) {
      const raw = computeCoordinate(directions, start + i);
      points[i * dimensions + d] = (scramble === undefined ? raw : scrambleBits(raw, scramble)) * SCALE;
    }
  }
  return points;
}

/** Computes one coordinate in natural (not Gray code) order, so that any index is computed directly. */
function computeCoordinate(directions: Uint32Array, index: number): number {
  let bits = 0;
  for (let k = 0, rest = index; rest > 0; k++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) bits ^= directions[k]!;
  }
  return bits >>> 0;
}

/** Computes the 32 direction integers of a dimension by the recurrence of Bratley & Fox (1988), algorithm 659. */
function computeDirections(dimension: number): Uint32Array {
  const v = new Uint32Array(BITS);
  if (dimension === 0) {
    for (let k = 0; k < BITS; k++) v[k] = 2 ** (BITS - 1 - k);
    return v;
  }
  const [polynomial = 1, ...initial] = directionNumbers[dimension - 1]!;
  const degree = initial.length;
  for (let k = 0; k < BITS; k++) {
    if (k < degree) {
      v[k] = (initial[k]! << (BITS - 1 - k)) >>> 0;
      continue;
    }
    let value = v[k - degree]! ^ (v[k - degree]! >>> degree);
    for (let j = 1; j < degree; j++) {
      if ((polynomial >>> (degree - j)) & 1) value ^= v[k - j]!;
    }
    v[k] = value >>> 0;
  }
  return v;
}

/** Applies a nested uniform scramble: each bit is flipped by a hash of the higher bits. */
function scrambleBits(bits: number, seed: number): number {
  let x = reverseBits(bits);
  x = (x + seed) | 0;
  x ^= Math.imul(x, 0x6c50b47c);
  x ^= Math.imul(x, 0xb82f1e52);
  x ^= Math.imul(x, 0xc7afe638);
  x ^= Math.imul(x, 0x8d22f6e6);
  return reverseBits(x);
}

function reverseBits(bits: number): number {
  let x = bits;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return ((x >>> 16) | (x << 16)) >>> 0;
}
