import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython } from './find-python.ts';

export interface InstalledPackage {
  /** Python of a new virtual environment that has the wheel and what it needs, and nothing else. */
  python: string;
  wheel: string;
  sources: string;
}

const packageFolder = new URL('../../../clients/python', import.meta.url).pathname;
const pipOptions = ['install', '--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '10'];

/**
 * Builds the wheel and the source distribution of `clients/python`, and installs the wheel into a new virtual
 * environment. What is missing comes from the package index. Without one, hatchling and requests of the system are used
 * (Debian: python3-hatchling, python3-requests). Everything is removed when the process exits.
 */
export function installPythonPackage(): InstalledPackage {
  const system = findPython('venv');
  if (!system) throw new Error('pnpm test:python needs Python 3.10 or newer with venv and pip; name one in PYTHON');
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-python-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const builder = findPython('hatchling') ?? createEnvironment(system, join(folder, 'builder'), ['hatchling']);
  const dist = join(folder, 'dist');
  run(builder, ['-m', 'hatchling', 'build', '-d', dist], packageFolder);
  const [wheel, sources] = ['.whl', '.tar.gz'].map((end) =>
    join(
      dist,
      readdirSync(dist).find((name) => name.endsWith(end))!,
    ),
  );
  return { python: createEnvironment(system, join(folder, 'clean'), [wheel!]), wheel: wheel!, sources: sources! };
}

/** Lists the files of a wheel or of a source distribution. */
export function listArchive(python: string, file: string): string[] {
  const module = file.endsWith('.whl') ? 'zipfile' : 'tarfile';
  const code =
    module === 'zipfile'
      ? 'import sys, zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))'
      : 'import sys, tarfile; print("\\n".join(tarfile.open(sys.argv[1]).getnames()))';
  return run(python, ['-c', code, file]).trim().split('\n');
}

/** Reads the file of a wheel whose name ends like this. */
export function readArchiveFile(python: string, wheel: string, end: string): string {
  const code =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); ' +
    'print(z.read(next(n for n in z.namelist() if n.endswith(sys.argv[2]))).decode())';
  return run(python, ['-c', code, wheel, end]);
}

/** Creates a virtual environment with these packages, and returns its Python. */
function createEnvironment(system: string, folder: string, packages: readonly string[]): string {
  const python = join(folder, 'bin', 'python');
  run(system, ['-m', 'venv', folder]);
  if (spawnSync(python, ['-m', 'pip', ...pipOptions, ...packages], { stdio: 'ignore' }).status === 0) return python;
  const fallback = findPython('requests');
  if (!fallback) throw new Error('no package index is reached, and this Python has no requests');
  run(fallback, ['-m', 'venv', '--clear', '--system-site-packages', folder]);
  run(python, ['-m', 'pip', ...pipOptions, '--no-index', '--no-deps', ...packages]);
  return python;
}

function run(command: string, args: readonly string[], cwd?: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
