import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AddonPackage } from '../backends/tensorflow/addon.ts';
import { runCommand } from './command.ts';

/**
 * Fetches the addon's package, as its lock file in `addons/` pins it, without running anything of it. Returns its folder.
 * The version is that of the workspace's TensorFlow.js: both share one engine.
 */
export async function installPackage(folder: string, name: AddonPackage): Promise<string> {
  const pinned = fileURLToPath(new URL(`../../addons/${basename(name)}`, import.meta.url));
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(pinned, file), join(folder, file));
  await runCommand('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: folder });
  return join(folder, 'node_modules', name);
}

/** Compiles the addon against the headers and libraries in its folder `deps`. */
export async function buildAddon(addon: string): Promise<void> {
  const preGyp = join(addon, '..', '..', '@mapbox', 'node-pre-gyp', 'bin', 'node-pre-gyp');
  await runCommand(process.execPath, [preGyp, 'install', '--build-from-source'], { cwd: addon });
}
