/** A seeded stream of pseudo-random numbers: xoshiro128** (Blackman & Vigna, 2021), seeded by splitmix32. */
export interface Random {
  /** Uniform in [0, 1), 53 random bits. */
  uniform(): number;
  /** Uniform integer in [0, n), 1 ≤ n ≤ 2^32. */
  integer(n: number): number;
  /** Standard normal, by the polar method (Marsaglia & Bray, 1964). */
  normal(): number;
}

/** The polar method rejects a pair with probability 0.21, so as many rejections in a row never happen. */
const MAX_REJECTIONS = 100;

/** Creates a stream from safe integers. Streams with different `words` are independent for practical purposes. */
export function createRandom(...words: readonly number[]): Random {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const fill = hashWords(words);
  [a, b, c, d] = [fill(), fill(), fill(), fill()];
  if ((a | b | c | d) === 0) a = 1;

  const next = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
  const uniform = (): number => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (let tries = 0; tries < MAX_REJECTIONS; tries++) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * factor;
      return u * factor;
    }
    return 0;
  };
  return { uniform, normal, integer: (n) => Math.floor(uniform() * n) };
}

/** Creates a generator of 32-bit words from safe integers. */
export function hashWords(words: readonly number[]): () => number {
  let state = 0x9e3779b9;
  for (const word of words) {
    state = mixWord(state ^ (word >>> 0));
    state = mixWord(state ^ Math.floor(word / 4294967296));
  }
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mixWord(state);
  };
}

/** Applies the finalizer of splitmix32, a bijection of 32-bit words. */
function mixWord(word: number): number {
  let z = word | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) | 0;
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}
