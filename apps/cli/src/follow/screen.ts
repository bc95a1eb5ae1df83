import { paint, type Span } from '../text/style.ts';
import { displayWidth, truncate } from '../text/width.ts';

/** A line of the screen: pieces with a style each. */
export type Line = readonly Span[];

// Of xterm, and so of every terminal in use: a second screen, the cursor hidden, and updates shown as a whole.
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[2J';
const LEAVE = '\u001B[?25h\u001B[?1049l';
const BEGIN_UPDATE = '\u001B[?2026h\u001B[H';
const END_UPDATE = '\u001B[J\u001B[?2026l';
const END_OF_LINE = '\u001B[K';

/**
 * A terminal's second screen, redrawn in place. What was there before comes back when it closes, however the process
 * ends; a resize draws again at the new size.
 */
export class Screen {
  readonly #stream: NodeJS.WriteStream;
  readonly #frame: (columns: number, rows: number) => readonly Line[];
  #open = false;
  #shown = '';

  /** `frame` returns the lines to show in this number of columns and rows. */
  constructor(stream: NodeJS.WriteStream, frame: (columns: number, rows: number) => readonly Line[]) {
    this.#stream = stream;
    this.#frame = frame;
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#shown = '';
    this.#stream.write(ENTER);
    this.#stream.on('resize', this.#resized);
    process.on('exit', this.close);
    process.on('SIGCONT', this.#continued);
    process.on('SIGTSTP', this.#suspended);
    this.draw();
  }

  readonly close = (): void => {
    if (!this.#open) return;
    this.#open = false;
    this.#stream.off('resize', this.#resized);
    process.off('exit', this.close);
    process.off('SIGTSTP', this.#suspended);
    process.off('SIGCONT', this.#continued);
    this.#stream.write(LEAVE);
  };

  /** Draws the frame; an unchanged one costs no output. */
  draw(): void {
    if (!this.#open) return;
    // A terminal that does not know its size reports 0.
    const columns = this.#stream.columns || 80;
    const rows = this.#stream.rows || 24;
    // The last column stays free, because terminals differ in what they do with a cursor behind it.
    const lines = this.#frame(columns, rows).slice(0, rows);
    const text = lines.map((line) => `${fitLine(line, columns - 1, this.#stream)}${END_OF_LINE}`).join('\r\n');
    if (text === this.#shown) return;
    this.#shown = text;
    this.#stream.write(`${BEGIN_UPDATE}${text}${END_UPDATE}`);
  }

  readonly #resized = (): void => {
    this.#shown = '';
    this.draw();
  };

  /** Ctrl-Z: the shell gets its screen back. */
  readonly #suspended = (): void => {
    this.#stream.write(LEAVE);
    process.kill(process.pid, 'SIGSTOP');
  };

  readonly #continued = (): void => {
    this.#stream.write(ENTER);
    this.#resized();
  };
}

/** Returns the colored text of the line, in at most `columns` columns. */
export function fitLine(line: Line, columns: number, stream: NodeJS.WriteStream): string {
  let left = columns;
  let text = '';
  for (const span of line) {
    if (left <= 0) break;
    const piece = truncate(span.text, left);
    left -= displayWidth(piece);
    text += span.style ? paint(span.style, piece, stream) : piece;
    if (piece !== span.text) break;
  }
  return text;
}
