import { isMap, isScalar, type Pair } from 'yaml';

/** Returns the entry of a map with this key, which the text may also write as a number; undefined without one. */
export function findPair(node: unknown, key: string | number): Pair | undefined {
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === String(key));
}
