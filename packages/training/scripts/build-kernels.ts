// Compiles assembly/ to WebAssembly and writes it, base64-encoded, next to the code that loads it.
//
//   pnpm --filter @gradsmith/training build:kernels
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileAssembly, COMPILER, formatBase64, hashAssembly } from '../../../scripts/assembly.ts';
import { kernelVersion, wasmBase64 } from '../src/backends/wasm/kernels.generated.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const bytes = compileAssembly(packageFolder, ['--importMemory']);
const sourceHash = hashAssembly(packageFolder);
// Jobs are pinned to the version as a part of their runtime: it changes only if the compiled code does.
const version = bytes.toString('base64') === wasmBase64 ? kernelVersion : sourceHash.slice(0, 8);
writeFileSync(
  join(packageFolder, 'src', 'backends', 'wasm', 'kernels.generated.ts'),
  `// Compiled from assembly/ by scripts/build-kernels.ts with ${COMPILER}; do not edit.\n` +
    `export const sourceHash = '${sourceHash}';\n` +
    `export const kernelVersion = '${version}';\n` +
    `export const wasmBase64 = ${formatBase64(bytes)};\n`,
);
console.log(`kernels.generated.ts: ${bytes.length} bytes of WebAssembly`);
