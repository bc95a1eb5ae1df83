import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WebgpuInstallation } from '../backends/webgpu/package.ts';
import { fetchPackages } from './addon-build.ts';
import type { Installer } from './installer.ts';
import { trainOnce } from './verify.ts';

/**
 * Downloads a prebuilt Dawn and TensorFlow.js's backend for it. Needs npm with its registry, a Vulkan loader and a
 * driver.
 */
export const installWebgpu: Installer = async (folder, { from, gpu = false, onStep = () => {} }) => {
  if (from !== undefined)
    throw new Error('webgpu is fetched from the npm registry as it is: it takes nothing --from elsewhere');
  onStep('Fetching Dawn and the WebGPU backend from the npm registry');
  dropOtherSystems(join(await fetchPackages(folder, 'webgpu'), 'webgpu', 'dist'));
  onStep('Training a network with it');
  const version = await trainOnce({ backend: 'webgpu', folder, variant: gpu ? 'gpu' : undefined });
  return { version, record: { dawn: version } satisfies WebgpuInstallation };
};

/** Removes the libraries of other systems from Dawn's package, 20 MB each. */
function dropOtherSystems(dist: string): void {
  const own = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
  const systems = readdirSync(dist);
  if (!systems.includes(own)) throw new Error(`Dawn has no library for ${own}; it has: ${systems.join(', ')}`);
  for (const system of systems) if (system !== own) rmSync(join(dist, system), { recursive: true });
}
