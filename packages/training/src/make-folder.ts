import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Creates a folder with its missing parents, one by one. Node's recursive mkdir does not return for a folder that the
 * system cannot hold, such as one below /proc.
 *
 * @throws Error of the file system, with its `code`
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) missing.push(path);
  for (const path of missing.reverse()) createIfMissing(path);
}

/** Another process may create the folder at the same time. */
function createIfMissing(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
