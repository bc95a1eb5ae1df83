import { randomUUID } from 'node:crypto';
import { fstatSync, lstatSync, readlinkSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';

/** Where a file is written, and what makes it the file that was asked for. */
export interface FilePlace {
  path: string;
  /** Call it when the whole file is written. */
  keep(): void;
  /** Call it if writing failed. Returns the error, which names the file that was asked for. */
  discard(error: unknown): unknown;
}

/**
 * Returns where to write a file so that it appears under its name when it is whole: next to it, and then renamed. A
 * symbolic link is followed. A device or a pipe, such as /dev/null, is written directly: it cannot be replaced.
 *
 * @throws Failure for the file that the output of this command goes to: what is in it would be lost
 */
export function placeWholeFile(file: string): FilePlace {
  const present = statSync(file, { throwIfNoEntry: false });
  if (present && !present.isFile()) return { path: file, keep() {}, discard: (error) => error };
  const { dev, ino } = fstatSync(process.stdout.fd);
  if (present?.dev === dev && present.ino === ino)
    throw new Failure(
      exitCodes.usage,
      'output-file',
      `${file} is where the output of this command goes. Name another file, or leave out -o.`,
    );
  const target = present ? realpathSync(file) : followLink(file);
  const path = `${target}.${randomUUID()}.partial`;
  return {
    path,
    keep: () => renameSync(path, target),
    discard(error) {
      rmSync(path, { force: true });
      return nameFile(error, path, file);
    },
  };
}

/** Returns an error of writing `path` as one of the file that it becomes, or of its folder if that does not exist. */
function nameFile(error: unknown, path: string, file: string): unknown {
  const { path: named, code } = error as NodeJS.ErrnoException;
  if (named === path) Object.assign(error as object, { path: code === 'ENOENT' ? dirname(file) : file });
  return error;
}

/** Returns the file that a link names although it is not there yet. */
function followLink(file: string): string {
  if (!lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) return file;
  return followLink(resolve(dirname(file), readlinkSync(file)));
}
