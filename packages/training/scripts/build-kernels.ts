// Compiles assembly/ to WebAssembly and writes it, base64-encoded, next to the code that loads it.
//
//   pnpm --filter @gradsmith/training build:kernels
//
// The compiler (100 MB) is fetched by npx for this command only: the generated file is committed, and a test
// compares the hash in it with the sources.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kernelVersion, wasmBase64 } from '../src/backends/wasm/kernels.generated.ts';
import { hashOfSources, packageFolder } from './sources.ts';

const COMPILER = 'assemblyscript@0.28.20';

const folder = mkdtempSync(join(tmpdir(), 'gradsmith-kernels-'));
try {
  const output = join(folder, 'kernels.wasm');
  const options = [
    '-O3',
    '--runtime',
    'stub',
    '--noAssert',
    '--importMemory',
    '--enable',
    'simd',
    '--enable',
    'bulk-memory',
  ];
  const source = join(packageFolder, 'assembly', 'index.ts');
  const result = spawnSync('npx', ['-y', '-p', COMPILER, 'asc', source, ...options, '-o', output], {
    stdio: 'inherit',
    cwd: folder,
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) throw new Error(`${COMPILER} exited with ${result.status ?? result.error?.message}`);
  const bytes = readFileSync(output);
  const base64 = bytes.toString('base64');
  // Jobs are pinned to the version as a part of their runtime: it changes only if the compiled code does.
  const version = base64 === wasmBase64 ? kernelVersion : hashOfSources().slice(0, 8);
  const lines = base64.match(/.{1,112}/g)!.map((line) => `  '${line}',\n`);
  writeFileSync(
    join(packageFolder, 'src', 'backends', 'wasm', 'kernels.generated.ts'),
    `// Compiled from assembly/ by scripts/build-kernels.ts with ${COMPILER}; do not edit.\n` +
      `export const sourceHash = '${hashOfSources()}';\n` +
      `export const kernelVersion = '${version}';\n` +
      `export const wasmBase64 = [\n${lines.join('')}].join('');\n`,
  );
  console.log(`kernels.generated.ts: ${bytes.length} bytes of WebAssembly`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
