import type { Direction } from './direction.ts';

/** A search trial with its value. */
interface RankedTrial {
  readonly number: number | null;
  readonly value: number | null;
}

/** Returns a comparison of search trials that have a value: best first; of equal ones the lower number first. */
export function compareByValue(direction: Direction): (a: RankedTrial, b: RankedTrial) => number {
  const sign = direction === 'minimize' ? 1 : -1;
  return (a, b) => (a.value === b.value ? a.number! - b.number! : sign * (a.value! - b.value!));
}
