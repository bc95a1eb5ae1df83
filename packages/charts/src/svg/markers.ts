import { binned } from './decimate.ts';
import { type Markup, coordinate, element, join } from './markup.ts';
import { type Place, linePath } from './path.ts';

/** Shapes differ as well as colours, so that states can be told apart in print. */
export type Shape = 'dot' | 'cross' | 'diamond' | 'tick' | 'ring' | 'triangle';

/** One marker centred on a place. */
export function marker(shape: Shape, [x, y]: Place, colour: string): Markup {
  switch (shape) {
    case 'dot':
      return element('circle', { class: `fill ${colour}`, cx: x, cy: y, r: 3 });
    case 'ring':
      return element('circle', { class: `mark ${colour}`, cx: x, cy: y, r: 6 });
    case 'cross':
      return element('path', {
        class: `mark ${colour}`,
        d: `${linePath([
          [x - 3, y - 3],
          [x + 3, y + 3],
        ])}${linePath([
          [x - 3, y + 3],
          [x + 3, y - 3],
        ])}`,
      });
    case 'diamond':
      return element('path', {
        class: `hollow ${colour}`,
        d: `${linePath([
          [x, y - 4],
          [x + 4, y],
          [x, y + 4],
          [x - 4, y],
        ])}Z`,
      });
    case 'triangle':
      return element('path', {
        class: `fill ${colour}`,
        d: `${linePath([
          [x, y - 4],
          [x + 4, y + 3],
          [x - 4, y + 3],
        ])}Z`,
      });
    case 'tick':
      return element('path', {
        class: `mark ${colour}`,
        d: linePath([
          [x, y - 4],
          [x, y + 4],
        ]),
      });
  }
}

/** Side of a density cell, in user units, and how many shades of it there are. */
const CELL = 5;
const SHADES = 8;

/** Places that share a marker. */
export interface Crowd {
  readonly places: readonly Place[];
  readonly shape: Shape;
  readonly colour: string;
}

/**
 * Markers for all places, or, where a figure has more than `limit`, squares that get darker with the number of places
 * in them: what is drawn is then bounded by the figure's area, not by the number of trials. Later crowds lie above.
 */
export function scatter(crowds: readonly Crowd[], limit = 1500): Markup {
  const total = crowds.reduce((sum, { places }) => sum + places.length, 0);
  if (total <= limit)
    return join(crowds.flatMap(({ places, shape, colour }) => places.map((place) => marker(shape, place, colour))));
  const densities = crowds.map(({ places, colour }) => ({ colour, cells: binned(places, CELL) }));
  const most = densities.flatMap(({ cells }) => cells).reduce((max, { count }) => Math.max(max, count), 1);
  return join(densities.flatMap(({ cells, colour }) => shades(cells, most, colour)));
}

/** One path for each shade; the root keeps single places visible beside crowded ones. */
function shades(cells: ReturnType<typeof binned>, most: number, colour: string): Markup[] {
  const squares = Array.from({ length: SHADES }, () => '');
  for (const { x, y, count } of cells) {
    squares[Math.ceil(SHADES * Math.sqrt(count / most)) - 1]! +=
      `M${coordinate(x)} ${coordinate(y)}h${CELL}v${CELL}h-${CELL}z`;
  }
  return squares.flatMap((d, i) =>
    d ? [element('path', { class: `fill ${colour}`, d, 'fill-opacity': 0.12 + (0.88 * (i + 1)) / SHADES })] : [],
  );
}
