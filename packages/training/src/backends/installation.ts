import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Backends that the workspace does not install itself; `gradsmith backend install` installs them into the cache. */
export type InstallableBackend = 'tensorflow' | 'webgpu';

/** The record in the folder of an installed backend: what it consists of. */
export const RECORD = 'installation.json';

/** Returns the folder of an installed backend. */
export function backendFolder(cacheDir: string, name: InstallableBackend): string {
  return join(cacheDir, 'backends', name);
}

/** Returns the record of an installed backend, or undefined. A backend has a record only after it trained a network. */
export function readRecord(cacheDir: string, name: InstallableBackend): object | undefined {
  const file = join(backendFolder(cacheDir, name), RECORD);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : undefined;
}
