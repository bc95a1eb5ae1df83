/**
 * Creates a function that prints progress to the error stream: one line that is overwritten on a terminal, otherwise
 * one line per step.
 */
export function createProgress(what: string): (done: string) => void {
  return (done) =>
    process.stderr.isTTY ? process.stderr.write(`\r\x1b[K${what}: ${done}`) : console.error(`${what}: ${done}`);
}
