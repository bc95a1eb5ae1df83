import { randomUUID } from 'node:crypto';
import { realpathSync, renameSync, rmSync, statSync } from 'node:fs';

/** Where a file is written, and what makes it the file that was asked for. */
export interface FilePlace {
  path: string;
  /** Call it when the whole file is written. */
  keep(): void;
  /** Call it if writing failed. */
  discard(): void;
}

/**
 * Returns where to write a file so that it appears under its name when it is whole: next to it, and then renamed. A
 * symbolic link is followed. A device or a pipe, such as /dev/stdout, is written directly: it cannot be replaced.
 */
export function placeWholeFile(file: string): FilePlace {
  const isPresent = statSync(file, { throwIfNoEntry: false }) !== undefined;
  const target = isPresent ? realpathSync(file) : file;
  if (isPresent && !statSync(file).isFile()) return { path: file, keep() {}, discard() {} };
  const path = `${target}.${randomUUID()}.partial`;
  return {
    path,
    keep: () => renameSync(path, target),
    discard: () => rmSync(path, { force: true }),
  };
}
