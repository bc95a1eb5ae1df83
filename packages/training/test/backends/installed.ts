import type { BackendName } from '../../src/backends/index.ts';
import { readInstallation } from '../../src/backends/tensorflow/addon.ts';
import { readWebgpu } from '../../src/backends/webgpu/package.ts';

/** The cache whose installed backends are tested; they are no part of the workspace's own installation. */
export const cacheDir = process.env['GRADSMITH_CACHE'] ?? 'no cache';

const optional: Partial<Record<BackendName, boolean>> = {
  tensorflow: readInstallation(cacheDir) !== undefined,
  webgpu: readWebgpu(cacheDir) !== undefined,
};

/** Whether tests can run on the backend: an optional one where it has been installed into $GRADSMITH_CACHE. */
export function isInstalled(backend: BackendName): boolean {
  return optional[backend] ?? true;
}

/** How tests start any backend. */
export const testOptions = { cacheDir, threads: 1 } as const;
