import { fileURLToPath } from 'node:url';
import type { InstallableBackend } from '../backends/installation.ts';
import { runCommand } from './command.ts';

/**
 * Trains a small network on what is in `folder`, in a process of its own. Returns the version that it was.
 *
 * @param variant tensorflow: the package; webgpu: `gpu` refuses software
 */
export async function trainOnce(backend: InstallableBackend, folder: string, ...variant: string[]): Promise<string> {
  const program = fileURLToPath(new URL('./verify-child.ts', import.meta.url));
  const output = await runCommand(process.execPath, [program, backend, folder, ...variant]);
  const { version } = JSON.parse(output.trim().split('\n').at(-1)!) as { version: string };
  return version;
}
