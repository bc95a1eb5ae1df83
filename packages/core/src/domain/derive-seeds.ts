import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** Seeds that are hashes of a purpose, a seed and an index. */
interface DerivedSeeds {
  purpose: 'confirm' | 'trial';
  seed: number;
  count: number;
}

/** Returns different seeds in 0 … 2³¹−1, none of which is an excluded one. More seeds start with the same ones. */
export function deriveSeeds({ purpose, seed, count }: DerivedSeeds, excluded: readonly number[]): number[] {
  const seen = new Set(excluded);
  const derived: number[] = [];
  for (let draw = 0; derived.length < count; draw += 1) {
    const next = hashToSeed(`${purpose} ${seed} ${draw}`);
    if (seen.has(next)) continue;
    seen.add(next);
    derived.push(next);
  }
  return derived;
}

function hashToSeed(text: string): number {
  const bytes = sha256(utf8ToBytes(text));
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % 2 ** 31;
}
