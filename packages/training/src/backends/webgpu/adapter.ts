import { BackendUnavailable } from '../unavailable.ts';
import type { AdapterInfo, Gpu, GpuAdapter } from './package.ts';

/** Names of software adapters: Mesa's lavapipe and softpipe, Google's SwiftShader, Windows' WARP. */
const SOFTWARE = /llvmpipe|lavapipe|softpipe|swiftshader|basic render|\bwarp\b|software/i;

/** Returns true if the adapter computes on the CPU. */
export function isSoftware({ isFallbackAdapter, architecture, device, description }: AdapterInfo): boolean {
  return isFallbackAdapter || SOFTWARE.test(`${architecture} ${device} ${description}`);
}

/** Returns adapter and driver, each as one word, for the runtime. A software adapter is marked as such. */
export function adapterVersions(info: AdapterInfo): { adapter: string; driver: string } {
  const name = toOneWord(info.device || info.architecture || info.vendor);
  return { adapter: isSoftware(info) ? `software:${name}` : name, driver: toOneWord(info.description) };
}

function toOneWord(text: string): string {
  return text.trim().replace(/\s+/g, '-').replace(/-+$/, '') || 'unnamed';
}

const DRIVERS =
  "It needs the Vulkan loader (libvulkan1) and a driver: the GPU vendor's, or Mesa 24 or newer " +
  '(mesa-vulkan-drivers; on Debian 12 from bookworm-backports), which includes a software driver. ' +
  'In a container with an NVIDIA GPU, NVIDIA_DRIVER_CAPABILITIES must include graphics. ' +
  'gradsmith doctor shows what it finds.';

/**
 * Returns the adapter that Dawn considers the fastest.
 *
 * @param wantGpu refuses software
 * @throws BackendUnavailable if there is no adapter, or only software although a GPU is required
 */
export async function findAdapter(gpu: Gpu, wantGpu: boolean): Promise<GpuAdapter> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) throw new BackendUnavailable('no-adapter', `The backend webgpu finds no adapter. ${DRIVERS}`);
  if (wantGpu && isSoftware(adapter.info)) {
    const { adapter: name, driver } = adapterVersions(adapter.info);
    throw new BackendUnavailable(
      'no-gpu',
      `A GPU was asked for, but the only WebGPU adapter is ${name} (${driver}), which computes on the ` +
        `processor. ${DRIVERS}`,
    );
  }
  return adapter;
}
