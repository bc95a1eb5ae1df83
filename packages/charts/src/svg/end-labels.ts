import { label } from './frame.ts';
import { spreadLabels } from './labels.ts';
import { type Markup, element, join } from './markup.ts';
import { shortenText, LINE_HEIGHT, measureText } from './metrics.ts';
import { formatLine } from './path.ts';

/** The name of a line, for its right end. */
export interface EndLabel {
  readonly name: string;
  /** The end of the line. */
  readonly y: number;
  /** Color class of the line. */
  readonly class: string;
}

const LEAD = 18;

/** Returns the width that the names of lines need, at most `limit`. */
export function measureEndLabels(names: readonly string[], limit: number): number {
  return names.length ? Math.min(limit, Math.max(...names.map((name) => measureText(name))) + LEAD + 6) : 12;
}

/** Draws names at the right ends of lines, moved apart if they overlap, each with a lead to its line. */
export function drawEndLabels(
  labels: readonly EndLabel[],
  { x, labelWidth, top, bottom }: { x: number; labelWidth: number; top: number; bottom: number },
): Markup {
  const places = spreadLabels(
    labels.map(({ y }) => ({ at: y })),
    LINE_HEIGHT,
    top,
    bottom,
  );
  return join(
    labels.flatMap(({ name, y, class: color }, i) => [
      element('path', {
        class: `lead ${color}`,
        d: formatLine([
          [x + 2, y],
          [x + LEAD - 4, places[i]!],
        ]),
      }),
      label(shortenText(name, labelWidth - LEAD - 2), x + LEAD, places[i]! + 4, { class: `tint ${color}` }),
    ]),
  );
}
