import { formatCoordinate } from './markup.ts';

/** A place in user units. */
export type Place = readonly [x: number, y: number];

/** Returns `d` of a polyline; empty without places. */
export function formatLine(places: readonly Place[]): string {
  return places.map(([x, y], i) => `${i ? 'L' : 'M'}${formatCoordinate(x)} ${formatCoordinate(y)}`).join('');
}

/** Returns `d` of a step line, such as a best-so-far value. */
export function formatSteps(places: readonly Place[]): string {
  return places
    .map(([x, y], i) =>
      i ? `H${formatCoordinate(x)}V${formatCoordinate(y)}` : `M${formatCoordinate(x)} ${formatCoordinate(y)}`,
    )
    .join('');
}

/** Returns `d` of the region between two polylines over the same interval of x. */
export function formatBand(upper: readonly Place[], lower: readonly Place[]): string {
  if (!upper.length || !lower.length) return '';
  return `${formatLine([...upper, ...lower.toReversed()])}Z`;
}
