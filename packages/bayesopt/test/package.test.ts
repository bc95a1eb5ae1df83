import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'bayesopt-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const npm = (cwd: string, ...args: string[]): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });

/** Reads the first example of the README. */
function readExample(): string {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  return /```js\n(.*?)```/s.exec(readme)![1]!;
}

it('runs the README example after the package is packed and installed alone', { timeout: 240_000 }, () => {
  const built = join(folder, 'built');
  execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/build.ts', import.meta.url)), built]);
  const archive = npm(folder, 'pack', '--silent', './built').trim().split('\n').at(-1)!;
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  npm(folder, 'install', '--offline', '--no-audit', '--no-fund', `./${archive}`);
  const code = readExample();
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(10);
  writeFileSync(join(folder, 'example.js'), code);
  const printed = execFileSync(process.execPath, ['example.js'], { cwd: folder, encoding: 'utf8' });
  const [, value] = /value: (\S+)/.exec(printed)!;
  expect(Number.parseFloat(value!)).toBeLessThan(0.41);
});
