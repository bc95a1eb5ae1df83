/** Returns whether an interval of a gain is above 0 (better), below 0 (worse), or contains it. */
export function classifyInterval([low, high]: readonly [low: number, high: number]): 'better' | 'worse' | 'unclear' {
  if (low > 0) return 'better';
  return high < 0 ? 'worse' : 'unclear';
}
