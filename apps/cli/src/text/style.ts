import { styleText } from 'node:util';
import { isAsciiOnly } from '../env.ts';

/** The meaning of a piece of text, from which its look follows. */
export type Style = 'title' | 'good' | 'bad' | 'warn' | 'dim' | 'accent';

const formats = { title: 'bold', good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', accent: 'cyan' } as const;

/** Colors the text if the stream is a terminal with colors. Respects --ascii, NO_COLOR, FORCE_COLOR and TERM. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return isAsciiOnly() ? text : styleText(formats[style], text, { stream });
}

/** A piece of a line on the screen. */
export interface Span {
  text: string;
  style?: Style;
}
