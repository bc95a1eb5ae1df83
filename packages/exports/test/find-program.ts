import { findPython } from '../../../apps/api/test/find-python.ts';

/**
 * Returns a Python with this module, or null. `pnpm test:exports` needs all of them; elsewhere, tests without theirs
 * are skipped.
 */
export function findProgram(module: string): string | null {
  const python = findPython(module);
  if (!python && process.env.GRADSMITH_TEST_PROGRAMS === 'required')
    throw new Error(`pnpm test:exports needs a Python with ${module}; name one in PYTHON`);
  return python;
}
