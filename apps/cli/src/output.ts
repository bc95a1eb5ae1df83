import { toPrintable } from './text/ascii.ts';
import { paint } from './text/style.ts';

/** Prints a line of the result to standard output. */
export function print(line = ''): void {
  process.stdout.write(`${toPrintable(line)}\n`);
}

/** Prints a line as it is, such as the path of a file that a script reads. */
export function printExact(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a value as JSON: on one line in a pipe, indented on a terminal. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined)}\n`);
}

/** Prints one event of a stream as one line of JSON. */
export function printEvent(event: Record<string, unknown> & { event: string }): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Prints a message to standard error, so that it is never part of the result. */
export function say(line: string): void {
  process.stderr.write(`${toPrintable(line)}\n`);
}

/** Prints an error message. Each begins in the same way, so that it differs from the messages of other programs. */
export function sayError(message: string): void {
  say(`${errorPrefix()} ${message}`);
}

export function errorPrefix(): string {
  return paint('bad', 'gradsmith:', process.stderr);
}

/** Ends the command without an error when the reader closes the pipe (`| head`). */
export function endQuietlyWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
