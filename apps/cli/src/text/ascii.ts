import { isAsciiOnly } from '../env.ts';

/** What stands for a character on a terminal that shows only ASCII. As wide as the character where it can be. */
const replacements: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '≥': '>=',
  '≤': '<=',
  '×': 'x',
  '±': '+-',
  '≈': '~',
  '…': '...',
  '·': '-',
  '→': '->',
  '★': '*',
  '✓': 'ok',
  '✗': 'x',
  '′': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '²': '^2',
  β: 'beta',
  ε: 'epsilon',
  σ: 'sigma',
  δ: 'delta',
  '█': '#',
  '░': '.',
  '▁': '_',
  '▂': '.',
  '▃': ':',
  '▄': '-',
  '▅': '=',
  '▆': '+',
  '▇': '*',
};
/** Marks of a combined character, which NFKD has apart. */
const MARKS = /\p{M}/gu;
// eslint-disable-next-line no-control-regex -- the range of ASCII
const OTHERS = /[^\u0000-\u007F]/gu;

/** Returns the text as it is printed: with --ascii, or on a terminal that shows only ASCII, in ASCII. */
export function toPrintable(text: string): string {
  return isAsciiOnly() ? toAscii(text) : text;
}

/** Returns the text in ASCII: known characters by what looks alike, letters without their accents, others as `?`. */
export function toAscii(text: string): string {
  return text
    .replace(OTHERS, (character) => replacements[character] ?? character)
    .normalize('NFKD')
    .replace(MARKS, '')
    .replace(OTHERS, '?');
}
