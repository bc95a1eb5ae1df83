/** Returns the number, or the largest one of its sign if it is infinite: records hold finite numbers only. */
export function clampToFinite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
