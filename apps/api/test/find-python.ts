import { spawnSync } from 'node:child_process';

/** Folder of the sources of the package, for `PYTHONPATH`. */
export const packageSources = new URL('../../../clients/python/src', import.meta.url).pathname;

/**
 * Returns a Python 3.10 or newer with these modules, or null. `PYTHON` can name one, for example of a virtual
 * environment.
 */
export function findPython(...modules: readonly string[]): string | null {
  const candidates = [process.env.PYTHON || 'python3', 'python3', '/usr/bin/python3'];
  const check = `import sys, ${modules.join(', ')}; assert sys.version_info >= (3, 10)`;
  return candidates.find((python) => spawnSync(python, ['-c', check], { stdio: 'ignore' }).status === 0) ?? null;
}
