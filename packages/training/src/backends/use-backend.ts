import { backend, env, setBackend, version_core } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { BackendDescription, BackendName } from './backend.ts';
import { sourceHash } from './wasm/kernels.generated.ts';
import { registerWasmKernels } from './wasm/register.ts';

const started = new Map<BackendName, Promise<BackendDescription>>();

/**
 * Starts a backend (once a process) and makes it the current one. The wasm binary comes from the installed package.
 *
 * @throws Error where the backend cannot start; no other backend is ever taken in its place.
 */
export async function useBackend(name: BackendName): Promise<BackendDescription> {
  let description = started.get(name);
  if (!description) {
    description = starters[name]();
    started.set(name, description);
    description.catch(() => started.delete(name));
  }
  const result = await description;
  await select(name);
  return result;
}

const starters: Record<BackendName, () => Promise<BackendDescription>> = {
  async cpu() {
    await import('@tensorflow/tfjs-backend-cpu');
    await select('cpu');
    return describe('cpu', { threads: 1, simd: false, versions: {} });
  },
  async wasm() {
    const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    await select('wasm');
    await registerWasmKernels(backend() as unknown as BackendWasm);
    const simd = Boolean(await env().getAsync('WASM_HAS_SIMD_SUPPORT'));
    return describe('wasm', { threads: getThreadsCount(), simd, versions: { kernels: sourceHash.slice(0, 8) } });
  },
};

async function select(name: BackendName): Promise<void> {
  if (await setBackend(name)) return;
  throw new Error(`The TensorFlow.js backend '${name}' did not start.`);
}

function describe(
  name: BackendName,
  found: Pick<BackendDescription, 'threads' | 'simd' | 'versions'>,
): BackendDescription {
  const versions = { tfjs: version_core, ...found.versions };
  return { name, precision: 'float32', deterministic: true, ...found, versions };
}
