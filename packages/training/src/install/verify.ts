import { fileURLToPath } from 'node:url';
import type { AddonPackage } from '../backends/tensorflow/addon.ts';
import { runCommand } from './command.ts';

/** Trains a small network on the addon `name` in `folder`, in a process of its own. Returns TensorFlow's version. */
export async function trainOnce(folder: string, name: AddonPackage): Promise<string> {
  const output = await runCommand(process.execPath, [fileURLToPath(new URL('./verify-child.ts', import.meta.url)), folder, name]);
  const { version } = JSON.parse(output.trim().split('\n').at(-1)!) as { version: string };
  return version;
}
