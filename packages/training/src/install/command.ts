import { spawn } from 'node:child_process';

/**
 * Runs a program to its end.
 *
 * @throws Error with the end of its output if it fails
 */
export async function runCommand(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-3000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`${command} could not be started (${error.message}); is it installed?`)),
    );
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new Error(`"${[command, ...args].join(' ')}" exited with ${code}.\n${errors.trim() || output.slice(-3000)}`);
  return output;
}
