import { styleText } from 'node:util';

/** What a piece of text is, rather than how it looks. */
export type Style = 'title' | 'good' | 'bad' | 'warn' | 'dim' | 'accent';

const formats = { title: 'bold', good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', accent: 'cyan' } as const;

/** Colours the text where the stream is a terminal that wants colours (NO_COLOR, FORCE_COLOR and TERM are heeded). */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(formats[style], text, { stream });
}

/** A piece of a line on the screen. */
export interface Span {
  text: string;
  style?: Style;
}
