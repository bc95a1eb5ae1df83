import { drawNormal, randomSource, type RandomSource } from '../data/random.ts';
import { WordStream } from './word-stream.ts';

/** The purposes of random numbers. Every purpose has its own stream, so that none changes the draws of another. */
const STREAMS = {
  weights: 1,
  feedback: 2,
  order: 3,
  augmentation: 4,
  dropout: 5,
  noise: 6,
  program: 7,
  mirror: 8,
} as const;

/**
 * Creates the random numbers of one purpose at one position. They depend only on the seed and these numbers, so a
 * resumed run draws the same numbers as an uninterrupted one.
 */
export function createStream(seed: number, purpose: keyof typeof STREAMS, ...where: number[]): RandomSource {
  return randomSource(seed, STREAMS[purpose], ...where);
}

/** Returns the numbers 0…count−1 in random order (Fisher-Yates). */
export function drawPermutation(count: number, random: RandomSource): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/**
 * Creates a mask of inverted dropout: 0 with probability `rate` (to 2⁻¹⁶), otherwise 1/(1 − rate). A step of SimpleNet
 * takes millions of these, so each random word decides two values.
 */
export function dropoutMask(count: number, rate: number, random: RandomSource): Float32Array {
  const kept = 1 / (1 - rate);
  const threshold = Math.round(65536 * rate);
  const words = new WordStream(random);
  const mask = new Float32Array(count + (count & 1));
  for (let i = 0; i < count; i += 2) {
    const word = words.next();
    mask[i] = (word & 0xffff) < threshold ? 0 : kept;
    mask[i + 1] = word >>> 16 < threshold ? 0 : kept;
  }
  return mask.subarray(0, count);
}

/** Draws from N(0, sd²). */
export function drawNormals(count: number, sd: number, random: RandomSource): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = sd * drawNormal(random);
  return values;
}

/** Draws from the uniform distribution on [−bound, bound). */
export function drawUniforms(count: number, bound: number, random: RandomSource): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = bound * (2 * random() - 1);
  return values;
}

/** Draws −1 or 1, each with probability ½. */
export function drawSigns(count: number, random: RandomSource): Float32Array {
  const values = new Float32Array(count);
  let bits = 0;
  for (let i = 0; i < count; i++) {
    if (i % 32 === 0) bits = (4294967296 * random()) | 0;
    values[i] = bits & 1 ? 1 : -1;
    bits >>>= 1;
  }
  return values;
}
