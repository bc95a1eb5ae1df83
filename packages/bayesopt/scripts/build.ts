// node scripts/build.ts [FOLDER]: writes the package as published (JavaScript and declarations) to FOLDER, by default
// dist/. `npm pack FOLDER` creates its archive.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(here, 'dist'));
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
execFileSync(process.execPath, [compiler, '--project', join(here, 'tsconfig.build.json'), '--outDir', folder], {
  stdio: 'inherit',
});
const { devDependencies: _, ...manifest } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as Record<
  string,
  unknown
>;
const published = {
  ...manifest,
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
  sideEffects: false,
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
for (const name of ['README.md', 'NOTATION.md']) cpSync(join(here, name), join(folder, name));
