import { readInstallation } from '../../src/backends/tensorflow/addon.ts';
import type { BackendName } from '../../src/backends/index.ts';

/** The cache whose installed backends are tested; they are no part of the workspace's own installation. */
export const cacheDir = process.env['GRADSMITH_CACHE'] ?? 'no cache';

const tensorflow = readInstallation(cacheDir) !== undefined;

/** Whether tests can run on the backend: tensorflow where it has been installed into $GRADSMITH_CACHE. */
export function isInstalled(backend: BackendName): boolean {
  return backend !== 'tensorflow' || tensorflow;
}

/** How tests start any backend. */
export const testOptions = { cacheDir, threads: 1 } as const;
