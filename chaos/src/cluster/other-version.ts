import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the code that is tested. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Version of the optimizer that trials created by the copy record. */
export const OTHER_VERSION = '0.0.0-other';

const copied = ['apps/api', 'apps/coordinator', 'apps/worker', 'packages', 'examples'];
const skipped = new Set(['test', 'dist', 'fixtures']);

/**
 * Makes a second copy of the code whose optimizer has another version, as during an upgrade, and returns its root. The
 * copy is the same program otherwise: points of both versions can be computed again and compared.
 */
export function createOtherVersion(folder: string): string {
  const copy = join(folder, 'other-version');
  mkdirSync(copy, { recursive: true });
  for (const path of copied) {
    cpSync(join(root, path), join(copy, path), {
      recursive: true,
      // Links between the packages are relative, so that they lead to the copies.
      verbatimSymlinks: true,
      filter: (source) => !skipped.has(basename(source)),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const manifest = join(copy, 'packages/bayesopt/package.json');
  const content = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  writeFileSync(manifest, JSON.stringify({ ...content, version: OTHER_VERSION }));
  return `${copy}/`;
}
