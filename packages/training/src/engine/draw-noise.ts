import type { RandomSource } from '../data/random.ts';
import { WordStream } from './word-stream.ts';

const LEVELS = 256;
/** Where the tail begins, and the area of a level, of a ziggurat with 256 levels (Marsaglia & Tsang 2000). */
const TAIL = 3.6541528853610088;
const AREA = 0.00492867323399;

/** Returns exp(−x²/2), the normal density without its constant. */
function density(x: number): number {
  return Math.exp(-(x * x) / 2);
}

/** The widths of the levels, from the widest, which holds the tail, to 0. */
const WIDTHS = new Float64Array(LEVELS + 1);
WIDTHS[0] = AREA / density(TAIL);
WIDTHS[1] = TAIL;
for (let i = 2; i < LEVELS; i++) {
  WIDTHS[i] = Math.sqrt(-2 * Math.log(AREA / WIDTHS[i - 1]! + density(WIDTHS[i - 1]!)));
}

/** Draws from N(0, sd²) as the ziggurat does: six times as fast as `drawNormals`, from other words of the stream. */
export function drawNoise(count: number, sd: number, random: RandomSource): Float32Array {
  const words = new WordStream(random);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = sd * drawFromLevels(words);
  return values;
}

/** Draws a level by 8 bits of a word and a place in it by the other 24, until the point is below the density. */
function drawFromLevels(words: WordStream): number {
  for (;;) {
    const word = words.next();
    const level = word & (LEVELS - 1);
    const x = ((word >> 8) / 8388608) * WIDTHS[level]!;
    if (Math.abs(x) < WIDTHS[level + 1]!) return x;
    if (level === 0) return Math.sign(x) * drawTail(words);
    const [low, high] = [density(WIDTHS[level]!), density(WIDTHS[level + 1]!)];
    if (low + words.uniform() * (high - low) < density(x)) return x;
  }
}

/** Draws from the normal density beyond `TAIL` (Marsaglia 1964). */
function drawTail(words: WordStream): number {
  for (;;) {
    const beyond = -Math.log(words.uniform()) / TAIL;
    if (-2 * Math.log(words.uniform()) >= beyond * beyond) return TAIL + beyond;
  }
}
