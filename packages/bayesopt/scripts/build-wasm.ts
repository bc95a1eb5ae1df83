// Compiles assembly/ to WebAssembly and writes it, base64-encoded, next to the code that loads it.
//
//   pnpm --filter @gradsmith/bayesopt build:wasm
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileAssembly, COMPILER, formatBase64, hashAssembly } from '../../../scripts/assembly.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const bytes = compileAssembly(folder, []);
writeFileSync(
  join(folder, 'src', 'math', 'dense.generated.ts'),
  `// Compiled from assembly/ by scripts/build-wasm.ts with ${COMPILER}; do not edit.\n` +
    `export const sourceHash = '${hashAssembly(folder)}';\n` +
    // Bundlers leave it out of programs that have no models, as the dashboard.
    `export const wasmBase64 = /* @__PURE__ */ ${formatBase64(bytes)};\n`,
);
console.log(`dense.generated.ts: ${bytes.length} bytes of WebAssembly`);
