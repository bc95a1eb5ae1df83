import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version_core } from '@tensorflow/tfjs-core';
import { runCommand } from './command.ts';

/** Fetches the addon's package without running anything of it. Returns its folder. */
export async function installPackage(folder: string): Promise<string> {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
  // The same version as the workspace's TensorFlow.js: both share one engine.
  await runCommand('npm', ['install', ...options, `@tensorflow/tfjs-node@${version_core}`], { cwd: folder });
  return join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
}

/** Compiles the addon against the headers and libraries in its folder `deps`. */
export async function buildAddon(addon: string): Promise<void> {
  const preGyp = join(addon, '..', '..', '@mapbox', 'node-pre-gyp', 'bin', 'node-pre-gyp');
  await runCommand(process.execPath, [preGyp, 'install', '--build-from-source'], { cwd: addon });
}
