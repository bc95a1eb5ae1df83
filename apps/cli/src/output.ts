/** Prints a line of the result to standard output. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a value as JSON: on one line in a pipe, indented on a terminal. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined));
}

/** Prints one event of a stream as one line of JSON. */
export function printEvent(event: Record<string, unknown> & { event: string }): void {
  print(JSON.stringify(event));
}

/** Prints a message to standard error, so that it is never part of the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Ends the command without an error when the reader closes the pipe (`| head`). */
export function endQuietlyWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
