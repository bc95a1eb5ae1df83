import { randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backendFolder, RECORD, type InstallableBackend } from '../backends/installation.ts';
import { readInstallation } from '../backends/tensorflow/addon.ts';
import { makeFolder } from '../make-folder.ts';
import type { Installer, InstallOptions } from './installer.ts';
import { installTensorflow } from './tensorflow.ts';
import { installWebgpu } from './webgpu.ts';

const installers: Record<InstallableBackend, Installer> = { tensorflow: installTensorflow, webgpu: installWebgpu };

/** Backends that the workspace does not install itself. */
export const installableBackends = Object.keys(installers) as readonly InstallableBackend[];

/**
 * Installs a backend into the cache and returns its version (TensorFlow's or Dawn's). The new files replace an existing
 * installation only after they have trained a network.
 *
 * @throws Error with the step that failed
 */
export async function installBackend(
  name: InstallableBackend,
  { cacheDir, ...options }: InstallOptions,
): Promise<string> {
  const target = backendFolder(cacheDir, name);
  const folder = `${target}.${randomUUID()}`;
  makeFolder(folder);
  try {
    const { version, record } = await installers[name](folder, options);
    writeFileSync(join(folder, RECORD), `${JSON.stringify(record, null, 2)}\n`);
    replaceFolder(folder, target);
    return version;
  } catch (error) {
    throw new Error(`The backend ${name} was not installed: ${(error as Error).message}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the version of TensorFlow in the cache, or undefined. */
export function installedTensorflow(cacheDir: string): string | undefined {
  return readInstallation(cacheDir)?.tensorflow;
}

/** Moves `folder` to `target`. Running programs keep the old files open. */
function replaceFolder(folder: string, target: string): void {
  const old = `${target}.${randomUUID()}.old`;
  makeFolder(dirname(target));
  if (existsSync(target)) renameSync(target, old);
  renameSync(folder, target);
  rmSync(old, { recursive: true, force: true });
}
