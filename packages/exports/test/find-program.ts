import { findPython } from '../../../apps/api/test/find-python.ts';

/**
 * Returns a Python with these modules, or null. `pnpm test:exports` needs all of them; elsewhere, tests without theirs
 * are skipped.
 */
export function findProgram(...modules: readonly string[]): string | null {
  const python = findPython(...modules);
  if (!python && process.env.GRADSMITH_TEST_PROGRAMS === 'required')
    throw new Error(`pnpm test:exports needs a Python with ${modules.join(' and ')}; name one in PYTHON`);
  return python;
}
