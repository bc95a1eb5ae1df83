/** Uniform in [0, 1). */
export type RandomSource = () => number;

/**
 * sfc32, seeded through splitmix32 over the words given (each taken modulo 2³²): equal words, equal draws; 0 is a seed
 * like any other.
 */
export function randomSource(...words: number[]): RandomSource {
  let hash = 0x9e3779b9;
  const mix = (word: number): number => {
    hash = (hash ^ word) >>> 0;
    hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
    hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
    hash = (hash ^ (hash >>> 15)) >>> 0;
    return hash;
  };
  for (const word of words) {
    mix(word >>> 0);
    mix(Math.floor(word / 4294967296) >>> 0);
  }
  let [a, b, c, counter] = [mix(1), mix(2), mix(3), 1];
  const draw = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) draw();
  return draw;
}

/** One draw of the standard normal distribution (Box and Muller's cosine branch), always from two uniform draws. */
export function drawNormal(random: RandomSource): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
