import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';

/** Trains a small network on the addon in `folder`, in a process of its own. Returns TensorFlow's version. */
export async function trainOnce(folder: string): Promise<string> {
  const output = await runCommand(process.execPath, [fileURLToPath(new URL('./verify-child.ts', import.meta.url)), folder]);
  const { version } = JSON.parse(output.trim().split('\n').at(-1)!) as { version: string };
  return version;
}
