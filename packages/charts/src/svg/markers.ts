import { type Markup, element, join } from './markup.ts';
import { type Cell, binned } from './decimate.ts';
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
      return element('path', { class: `mark ${colour}`, d: `${linePath([[x - 3, y - 3], [x + 3, y + 3]])}${linePath([[x - 3, y + 3], [x + 3, y - 3]])}` });
    case 'diamond':
      return element('path', { class: `hollow ${colour}`, d: `${linePath([[x, y - 4], [x + 4, y], [x, y + 4], [x - 4, y]])}Z` });
    case 'triangle':
      return element('path', { class: `fill ${colour}`, d: `${linePath([[x, y - 4], [x + 4, y + 3], [x - 4, y + 3]])}Z` });
    case 'tick':
      return element('path', { class: `mark ${colour}`, d: linePath([[x, y - 4], [x, y + 4]]) });
  }
}

/** Side of a density cell, in user units. */
const CELL = 5;

/**
 * Markers for places, or, where there are more than `limit`, squares that get darker with the number of places in
 * them: what is drawn is then bounded by the figure's area, not by the number of trials.
 */
export function scatter(places: readonly Place[], shape: Shape, colour: string, limit = 1500): Markup {
  if (places.length <= limit) return join(places.map((place) => marker(shape, place, colour)));
  const cells = binned(places, CELL);
  const most = cells.reduce((max, { count }) => Math.max(max, count), 1);
  return join(cells.map((cell) => square(cell, most, colour)));
}

/** The root keeps single places visible beside crowded ones. */
function square({ x, y, count }: Cell, most: number, colour: string): Markup {
  const opacity = 0.2 + 0.8 * Math.sqrt(count / most);
  return element('rect', { class: `fill ${colour}`, x, y, width: CELL, height: CELL, 'fill-opacity': opacity });
}
