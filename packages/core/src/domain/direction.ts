/** Whether smaller or larger values are better. */
export type Direction = 'minimize' | 'maximize';

/** Returns whether value `a` is strictly better than value `b`. */
export function isBetter(a: number, b: number, direction: Direction): boolean {
  return direction === 'minimize' ? a < b : a > b;
}
