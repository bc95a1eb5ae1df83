const view = new DataView(new ArrayBuffer(8));

/** Returns the place of a finite number among all floating-point numbers; 0 and -0 share place 0. */
function toOrdinal(value: number): bigint {
  view.setFloat64(0, Math.abs(value));
  const magnitude = view.getBigInt64(0);
  return value < 0 ? -magnitude : magnitude;
}

/** Counts the distinct floating-point numbers from `low` to `high`, both included; exact up to 2^53. */
export function countFloats(low: number, high: number): number {
  return Number(toOrdinal(high) - toOrdinal(low)) + 1;
}

/** Returns the floating-point number `k` places above `low`. */
export function findFloat(low: number, k: number): number {
  const ordinal = toOrdinal(low) + BigInt(k);
  view.setBigInt64(0, ordinal < 0n ? -ordinal : ordinal);
  const magnitude = view.getFloat64(0);
  return ordinal < 0n ? -magnitude : magnitude;
}
