import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** Runs the training room's own installer for an optional backend; answers its exit code. */
export async function installBackend(name: string, cacheDir: string): Promise<number> {
  const folder = dirname(dirname(fileURLToPath(import.meta.resolve('@gradsmith/training'))));
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts?: Record<string, string> };
  const script = /^node (\S+\.ts)/.exec(scripts['backend:install'] ?? '')?.[1];
  if (!script) throw new Failure(exitCodes.refused, 'no-installer', `this version of gradsmith brings no installer for ${name}; wasm and cpu need none and are here.`);
  const child = spawn(process.execPath, [join(folder, script), name, '--cache', cacheDir], { stdio: ['inherit', 2, 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? exitCodes.failed;
}
