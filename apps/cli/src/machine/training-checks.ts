import type { BackendName } from '@gradsmith/training/process';
import { cachedDataSets } from '../commands/data.ts';
import { bad, note, ok, type Check } from './check.ts';
import { reportBackends } from './measure.ts';

export async function checkDataSets(cacheDir: string): Promise<Check> {
  try {
    const sets = await cachedDataSets(cacheDir);
    const here = sets.filter(({ cached }) => cached).map(({ name }) => name);
    const missing = sets.filter(({ cached }) => !cached).map(({ name }) => name);
    if (!missing.length) return ok('Data sets', `${here.join(', ')} in ${cacheDir}`);
    return note(
      'Data sets',
      here.length ? `${here.join(', ')} in ${cacheDir}` : `none in ${cacheDir} yet`,
      `fetch what a job needs: gradsmith data ${missing[0]}`,
    );
  } catch (error) {
    return bad(
      'Data sets',
      error instanceof Error ? error.message : String(error),
      `remove the file from ${cacheDir} and fetch it again: gradsmith data NAME`,
    );
  }
}

/** Reasons to install an optional backend. */
const optional: Partial<Record<BackendName, string>> = {
  tensorflow: 'faster with a GPU or many processors',
  webgpu: 'trains on GPUs of any vendor through Vulkan',
};

/** Checks that built-in backends start. An optional one that is not installed is not an error. */
export async function checkBackends(cacheDir: string): Promise<Check[]> {
  const reports = await reportBackends({ cacheDir, cached: [], measure: false, onStep: () => {} });
  return reports.map(({ name, usable, detail }) => {
    if (usable) return usableBackend(name, detail);
    const reason = optional[name];
    if (reason !== undefined && detail.includes('is not installed'))
      return note(`Backend ${name}`, 'not installed', `${reason}: gradsmith backend install ${name}`);
    if (name === 'webgpu')
      return bad(
        `Backend ${name}`,
        detail,
        'as it says; vulkaninfo --summary (vulkan-tools) shows what the Vulkan loader finds',
      );
    if (reason !== undefined)
      return bad(`Backend ${name}`, detail, `install it again: gradsmith backend install ${name}`);
    return bad(`Backend ${name}`, detail, 'install the dependencies again: pnpm install');
  });
}

/** Checks adapter and driver of WebGPU separately, and names software that stands in for a GPU. */
function usableBackend(name: BackendName, runtime: string): Check {
  if (name !== 'webgpu') return ok(`Backend ${name}`, runtime);
  const {
    dawn,
    adapter = '',
    driver,
  } = Object.fromEntries(runtime.split(' ').map((word) => word.split('=', 2))) as Record<string, string | undefined>;
  const [, software] = /^software:(.*)/.exec(adapter) ?? [];
  const made = `package webgpu ${dawn} (Dawn), driver ${driver}`;
  if (software === undefined) return ok(`Backend ${name}`, `GPU ${adapter}, ${made}`);
  return note(
    `Backend ${name}`,
    `software adapter ${software}, which computes on the processor; ${made}`,
    'for tests only, wasm is faster; for a GPU install its Vulkan driver, and in a container hand in the device',
  );
}
