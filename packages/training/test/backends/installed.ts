import type { BackendName } from '../../src/backends/index.ts';
import { readInstallation } from '../../src/backends/tensorflow/addon.ts';
import { readWebgpu } from '../../src/backends/webgpu/package.ts';

/** The cache with the installed backends to test. */
export const cacheDir = process.env['GRADSMITH_CACHE'] ?? 'no cache';

const optional: Partial<Record<BackendName, boolean>> = {
  tensorflow: readInstallation(cacheDir) !== undefined,
  webgpu: readWebgpu(cacheDir) !== undefined,
};

/** Returns whether tests can run on a backend: optional ones must be installed in $GRADSMITH_CACHE. */
export function isInstalled(backend: BackendName): boolean {
  return optional[backend] ?? true;
}

/** Options with which tests start any backend. */
export const testOptions = { cacheDir, threads: 1 } as const;
