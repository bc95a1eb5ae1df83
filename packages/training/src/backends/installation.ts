import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Backends that are no part of the workspace's own installation; `pnpm backend:install` puts them into the cache. */
export type InstallableBackend = 'tensorflow' | 'webgpu';

/** In an installed backend's folder: what it is made of. */
export const RECORD = 'installation.json';

/** Where an installed backend is kept. */
export function backendFolder(cacheDir: string, name: InstallableBackend): string {
  return join(cacheDir, 'backends', name);
}

/** What was installed there, or undefined. It has trained a network once, or its record would not be there. */
export function readRecord(cacheDir: string, name: InstallableBackend): object | undefined {
  const file = join(backendFolder(cacheDir, name), RECORD);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : undefined;
}
