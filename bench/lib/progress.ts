/**
 * Tells how far something is on the error stream: one line that is written over where someone looks on, else a line
 * each.
 */
export function createProgress(what: string): (done: string) => void {
  return (done) =>
    process.stderr.isTTY ? process.stderr.write(`\r\x1b[K${what}: ${done}`) : console.error(`${what}: ${done}`);
}
