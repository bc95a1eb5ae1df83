/** Something wrong with a job text, and the characters it is about. */
export interface Finding {
  readonly message: string;
  /** The field, as an error message names it: `objective.epochs`; empty for the text as a whole. */
  readonly place: string;
  readonly path: readonly (string | number)[];
  /** Offset of the first character. */
  readonly from: number;
  /** Offset after the last character. */
  readonly to: number;
}

/** Returns the line and the column of an offset, both counted from 1. */
export function findPosition(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** Returns `7:11: space.x.low: must be …`. */
export function describeFinding(text: string, { from, place, message }: Finding): string {
  const { line, column } = findPosition(text, from);
  return [`${line}:${column}`, ...(place ? [place] : []), message].join(': ');
}
