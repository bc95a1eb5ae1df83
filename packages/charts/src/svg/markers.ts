import { countByCell } from './decimate.ts';
import { type Markup, formatCoordinate, element, join } from './markup.ts';
import { type Place, formatLine } from './path.ts';

/** Shapes differ as well as colors, so that states can be distinguished in print. */
export type Shape = 'dot' | 'cross' | 'bound-up' | 'bound-down' | 'tick' | 'ring' | 'triangle' | 'triangle-down';

/** Draws one marker centered on a place. */
export function drawMarker(shape: Shape, [x, y]: Place, color: string): Markup {
  const mark = (d: string): Markup => element('path', { class: `mark ${color}`, d });
  const fill = (d: string): Markup => element('path', { class: `fill ${color}`, d: `${d}Z` });
  const line = (...offsets: readonly Place[]): string => formatLine(offsets.map(([dx, dy]) => [x + dx, y + dy]));
  switch (shape) {
    case 'dot':
      return element('circle', { class: `fill ${color}`, cx: x, cy: y, r: 3 });
    case 'ring':
      return element('circle', { class: `mark ${color}`, cx: x, cy: y, r: 6 });
    case 'cross':
      return mark(line([-3, -3], [3, 3]) + line([-3, 3], [3, -3]));
    case 'tick':
      return mark(line([0, -4], [0, 4]));
    // A bar at the bound and an arrow in the direction of the value.
    case 'bound-up':
      return mark(line([-4, 0], [4, 0]) + line([0, 0], [0, -8]) + line([-2.5, -5.5], [0, -8], [2.5, -5.5]));
    case 'bound-down':
      return mark(line([-4, 0], [4, 0]) + line([0, 0], [0, 8]) + line([-2.5, 5.5], [0, 8], [2.5, 5.5]));
    case 'triangle':
      return fill(line([0, -4], [4, 3], [-4, 3]));
    case 'triangle-down':
      return fill(line([0, 4], [4, -3], [-4, -3]));
  }
}

/** Keeps one place per 6 units of x, for markers at a border, which would otherwise cover each other. */
export function mergeClose(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [Math.round(place[0] / 6), place])).values()];
}

/** Side of a density cell in user units, and the number of shades. */
const CELL = 5;
const SHADES = 8;

/** Places that share a marker. */
export interface Crowd {
  readonly places: readonly Place[];
  readonly shape: Shape;
  readonly color: string;
}

/**
 * Draws markers at all places. Above `limit` places, it draws squares that are darker the more places they contain, so
 * that the size of the figure depends on its area and not on the number of trials. Later groups are on top.
 */
export function drawScatter(crowds: readonly Crowd[], limit = 1500): Markup {
  const total = crowds.reduce((sum, { places }) => sum + places.length, 0);
  if (total <= limit)
    return join(crowds.flatMap(({ places, shape, color }) => places.map((place) => drawMarker(shape, place, color))));
  const densities = crowds.map(({ places, color }) => ({ color, cells: countByCell(places, CELL) }));
  const most = densities.flatMap(({ cells }) => cells).reduce((max, { count }) => Math.max(max, count), 1);
  return join(densities.flatMap(({ cells, color }) => drawShades(cells, most, color)));
}

/** Draws one path per shade. The square root keeps single places visible next to dense ones. */
function drawShades(cells: ReturnType<typeof countByCell>, most: number, color: string): Markup[] {
  const squares = Array.from({ length: SHADES }, () => '');
  for (const { x, y, count } of cells) {
    squares[Math.ceil(SHADES * Math.sqrt(count / most)) - 1]! +=
      `M${formatCoordinate(x)} ${formatCoordinate(y)}h${CELL}v${CELL}h-${CELL}z`;
  }
  return squares.flatMap((d, i) =>
    d ? [element('path', { class: `fill ${color}`, d, 'fill-opacity': 0.12 + (0.88 * (i + 1)) / SHADES })] : [],
  );
}
