import { readdir } from 'node:fs/promises';
import { channelStatistics } from './check.ts';
import { DataSetRefused } from './errors.ts';
import { ownDataSetFile, writeDataSet, type Header, type RawDataSet, type RawExamples } from './format.ts';
import { readCifarFiles } from './sources/cifar10.ts';
import { idxFiles, readIdxFolder } from './sources/idx-files.ts';

const TRAIN_BATCH = /^data_batch_\d+\.bin$/;
const TEST_BATCH = 'test_batch.bin';

/**
 * Stores a user's own images in the cache under the name `set`, replacing a set of that name. The folder contains
 * either the four IDX files of MNIST (gray images of any size) or files in the layout of CIFAR-10's binary version: any
 * number of data_batch_N.bin and an optional test_batch.bin. Classes are the labels from 0 to the largest.
 *
 * @throws DataSetRefused with what is wrong with the folder
 */
export async function importDataSet(
  set: string,
  { cacheDir, folder }: { cacheDir: string; folder: string },
): Promise<Header> {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(set)) {
    throw new DataSetRefused(
      set,
      'a data set of your own has a name of 1 to 32 lower-case letters, digits and hyphens',
    );
  }
  const raw = await readFolder(folder);
  const classes = checkLabels(folder, raw);
  const channels = channelStatistics(raw.train.inputs, raw.shape[2]);
  const flat = channels.findIndex(({ sd }) => sd === 0);
  if (flat >= 0) throw new DataSetRefused(folder, `channel ${flat} has the same value in every training image`);
  const header = {
    name: set,
    shape: raw.shape,
    classes,
    train: raw.train.labels.length,
    test: raw.test.labels.length,
    channels,
  };
  return writeDataSet(ownDataSetFile(cacheDir, set), header, raw);
}

async function readFolder(folder: string): Promise<RawDataSet> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new DataSetRefused(folder, error.code === 'ENOENT' ? 'there is no such folder' : error.message);
  });
  const batches = names
    .filter((name) => TRAIN_BATCH.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (batches.length > 0) {
    const none: RawExamples = { inputs: new Uint8Array(0), labels: new Uint8Array(0) };
    const test = names.includes(TEST_BATCH) ? await readCifarFiles(folder, [TEST_BATCH]) : none;
    return { shape: [32, 32, 3], train: await readCifarFiles(folder, batches), test };
  }
  if (names.some((name) => name.startsWith(idxFiles[0]))) return readIdxFolder(folder);
  throw new DataSetRefused(folder, `holds neither ${idxFiles.join(', ')} nor data_batch_1.bin, …, ${TEST_BATCH}`);
}

/** Returns the number of classes. Each class must occur among the training images. */
function checkLabels(folder: string, { train, test }: RawDataSet): number {
  const seen = new Set(train.labels);
  const classes = Math.max(...seen) + 1;
  if (classes < 2) throw new DataSetRefused(folder, 'all training images have the label 0: two classes are needed');
  for (let label = 0; label < classes; label++) {
    if (!seen.has(label))
      throw new DataSetRefused(
        folder,
        `no training image has the label ${label}, although there is a label ${classes - 1}: number ` +
          `the classes from 0 without gaps`,
      );
  }
  const unknown = test.labels.find((label) => label >= classes);
  if (unknown !== undefined)
    throw new DataSetRefused(folder, `a test image has the label ${unknown}, which no training image has`);
  return classes;
}
