/** Returns the value in [low, high] that is nearest to x; NaN stays NaN. */
export function clamp(x: number, low: number, high: number): number {
  if (x < low) return low;
  return x > high ? high : x;
}
