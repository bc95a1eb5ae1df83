import type { RandomSource } from '../data/random.ts';

/**
 * Random words of 32 bits for the millions of numbers that a step may need: xorshift128 (Marsaglia 2003). Its state is
 * drawn from `seed`, so equal sources give equal words.
 */
export class WordStream {
  readonly #state: Int32Array;

  constructor(seed: RandomSource) {
    this.#state = Int32Array.from({ length: 4 }, () => (4294967296 * seed()) | 0);
    // A state of zeros would stay so.
    this.#state[3]! |= 1;
  }

  /** Returns the next word as a signed number. */
  next(): number {
    const state = this.#state;
    const t = state[0]! ^ (state[0]! << 11);
    const last = state[3]!;
    state[0] = state[1]!;
    state[1] = state[2]!;
    state[2] = last;
    return (state[3] = last ^ (last >>> 19) ^ t ^ (t >>> 8));
  }

  /** Returns a number in (0, 1), with 32 random bits. */
  uniform(): number {
    return ((this.next() >>> 0) + 0.5) / 4294967296;
  }
}
