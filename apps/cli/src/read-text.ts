import { readFileSync } from 'node:fs';

/** Reads a file. A system error has its path, which is missing by default if the file is a folder. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    (error as NodeJS.ErrnoException).path ??= path;
    throw error;
  }
}
