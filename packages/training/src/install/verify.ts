import { fileURLToPath } from 'node:url';
import type { InstallableBackend } from '../backends/installation.ts';
import { runCommand } from './command.ts';

interface Verification {
  backend: InstallableBackend;
  /** The folder of the installation. */
  folder: string;
  /** tensorflow: the npm package; webgpu: `gpu` refuses software. */
  variant: string | undefined;
  /** Environment variables of the process in addition to the current ones. */
  environment?: Readonly<Record<string, string>>;
}

/** Trains a small network in a child process and returns the version of its backend. */
export async function trainOnce({ backend, folder, variant, environment }: Verification): Promise<string> {
  const program = fileURLToPath(new URL('./verify-child.ts', import.meta.url));
  const args = [program, backend, folder];
  if (variant !== undefined) args.push(variant);
  // oxlint-disable-next-line node/no-process-env -- handed on, never read
  const output = await runCommand(process.execPath, args, { env: { ...process.env, ...environment } });
  const { version } = JSON.parse(output.trim().split('\n').at(-1)!) as { version: string };
  return version;
}
