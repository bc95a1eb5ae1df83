import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder for downloads that are kept between runs. */
export function cacheFolder(): string {
  return process.env['GRADSMITH_CACHE'] ?? join(homedir(), '.cache', 'gradsmith');
}

/**
 * Returns the Python of an environment in the cache with the packages of a requirements file. The first call creates
 * the environment, and a change of the file creates it again.
 *
 * @throws Error with the output of pip
 */
export function pythonEnvironment(name: string, requirements: string): string {
  const folder = join(cacheFolder(), 'peers', name);
  const python = join(folder, 'bin', 'python');
  const receipt = join(folder, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(receipt) && readFileSync(receipt, 'utf8') === wanted) return python;
  console.error(`making a Python environment with ${wanted.trim().split('\n').join(', ')} in ${folder}, once …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync('python3', ['-m', 'venv', folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  // Without an index, more retries of each package would only delay the message.
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--retries', '1', '--requirement', requirements], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  writeFileSync(`${receipt}.new`, wanted);
  renameSync(`${receipt}.new`, receipt);
  return python;
}
