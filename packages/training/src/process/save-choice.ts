import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../make-folder.ts';

/**
 * Saves in the cache what was chosen for this machine. It replaces the file in one step. A cache that cannot be
 * written, such as a read-only one, is no error: the next process chooses again.
 */
export function saveChoice(file: string, choice: object): void {
  // Processes of several containers share a cache and may have equal ids.
  const temporary = `${file}.${randomUUID()}`;
  try {
    makeFolder(dirname(file));
    writeFileSync(temporary, JSON.stringify(choice, null, 2));
    renameSync(temporary, file);
  } catch {
    removeIfPossible(temporary);
  }
}

function removeIfPossible(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder cannot be written.
  }
}
