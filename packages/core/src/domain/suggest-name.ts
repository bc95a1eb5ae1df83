import { distance } from 'fastest-levenshtein';

/** Longest name that is compared: the time grows with its square. */
const MAX_LENGTH = 100;

/** Returns the known name that was probably meant; undefined if none is near. Case is not a difference. */
export function suggestName(given: string, known: readonly string[]): string | undefined {
  if (given.length > MAX_LENGTH) return undefined;
  const ranked = known
    .map((name) => ({ name, edits: countEdits(given.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits);
  const [best] = ranked;
  // More edits than a third of the letters would suggest names that have nothing in common.
  return best && best.edits <= Math.max(1, Math.floor(Math.max(given.length, best.name.length) / 3))
    ? best.name
    : undefined;
}

/** Exchanged letters, as in `mpl`, are one edit. */
function countEdits(given: string, name: string): number {
  const isExchange = given.length === name.length && [...given].sort().join('') === [...name].sort().join('');
  const edits = distance(given, name);
  return isExchange ? Math.min(1, edits) : edits;
}

/** Returns `. Did you mean NAME?`, or nothing if no known name is near. */
export function didYouMean(given: unknown, known: readonly string[]): string {
  const name = typeof given === 'string' ? suggestName(given, known) : undefined;
  return name === undefined ? '' : `. Did you mean ${name}?`;
}
