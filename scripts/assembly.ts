// Compiles the AssemblyScript of a package. The compiler (100 MB) is fetched by npx for this alone: what it makes is
// committed, and a test of each package compares the hash in it with the sources.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const COMPILER = 'assemblyscript@0.28.20';

const OPTIONS = [
  '-O3',
  '--runtime',
  'stub',
  '--noAssert',
  '--enable',
  'simd',
  '--enable',
  'bulk-memory',
  // Vectors as arguments: the functions that have them are not exports of the module.
  '--disableWarning',
  '112',
];

/** Compiles assembly/index.ts in the folder of a package; returns the WebAssembly. */
export function compileAssembly(packageFolder: string, options: readonly string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-assembly-'));
  try {
    const output = join(folder, 'compiled.wasm');
    const source = join(packageFolder, 'assembly', 'index.ts');
    const result = spawnSync('npx', ['-y', '-p', COMPILER, 'asc', source, ...OPTIONS, ...options, '-o', output], {
      stdio: 'inherit',
      cwd: folder,
      shell: process.platform === 'win32',
    });
    if (result.status !== 0) throw new Error(`${COMPILER} exited with ${result.status ?? result.error?.message}`);
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns SHA-256 over the names and texts of assembly/*.ts of a package, in alphabetical order. */
export function hashAssembly(packageFolder: string): string {
  const folder = join(packageFolder, 'assembly');
  const hash = createHash('sha256');
  for (const name of readdirSync(folder)
    .filter((entry) => entry.endsWith('.ts'))
    .sort()) {
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(folder, name)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Returns source text of an expression with the bytes in base64, in lines of 120 columns. */
export function formatBase64(bytes: Buffer): string {
  const lines = bytes
    .toString('base64')
    .match(/.{1,112}/g)!
    .map((line) => `  '${line}',\n`);
  return `[\n${lines.join('')}].join('')`;
}
