import stringWidth from 'string-width';
import { toPrintable } from './ascii.ts';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Returns the columns that a text without escape sequences takes on a terminal, as it is printed. */
export function displayWidth(text: string): number {
  return stringWidth(toPrintable(text));
}

/** Returns the text as it is printed, in `columns` at most. If something is left out, it ends with an ellipsis. */
export function truncate(given: string, columns: number): string {
  const text = toPrintable(given);
  if (displayWidth(text) <= columns) return text;
  const ellipsis = toPrintable('…');
  if (columns < ellipsis.length) return '';
  let kept = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += displayWidth(segment);
    if (width > columns - ellipsis.length) break;
    kept += segment;
  }
  return `${kept}${ellipsis}`;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text;
}
