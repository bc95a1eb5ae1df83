/** Prints a line of what the command was asked for. */
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

/** Says something next to what the command was asked for: to people at a terminal and to logs, never into a pipe. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A reader that has had enough (`| head`) ends the command quietly. */
export function endQuietlyWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
