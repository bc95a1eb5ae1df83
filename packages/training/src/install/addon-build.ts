import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';

/**
 * Downloads the packages of `addons/<name>` as its lock file pins them, without running their scripts, and returns
 * their folder. TensorFlow.js packages have the version of the workspace, because all share one engine.
 */
export async function fetchPackages(folder: string, name: string): Promise<string> {
  const pinned = fileURLToPath(new URL(`../../addons/${name}`, import.meta.url));
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(pinned, file), join(folder, file));
  await runCommand('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'], {
    cwd: folder,
  });
  return join(folder, 'node_modules');
}

/** Compiles the addon against the headers and libraries in its folder `deps`. */
export async function buildAddon(addon: string): Promise<void> {
  const preGyp = join(addon, '..', '..', '@mapbox', 'node-pre-gyp', 'bin', 'node-pre-gyp');
  await runCommand(process.execPath, [preGyp, 'install', '--build-from-source'], { cwd: addon });
}
