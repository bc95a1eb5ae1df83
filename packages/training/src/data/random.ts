/** A random number, uniform in [0, 1). */
export type RandomSource = () => number;

/**
 * Creates the generator sfc32, seeded through splitmix32 with the given words (each modulo 2³²). Equal words give equal
 * draws.
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

/** Draws from the standard normal distribution (Box-Muller, cosine branch). It always takes two uniform draws. */
export function drawNormal(random: RandomSource): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
