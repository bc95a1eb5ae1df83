import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trainingObjectiveSchema } from '@gradsmith/core/objective';
import { expect, it } from 'vitest';
import { importDataSet, loadDataSet } from '../../src/data/index.ts';
import { idx, ramp, temporaryFolder } from './files.ts';

const digits = ramp(12, 8 * 6, 3);

function idxFolder(labels: Uint8Array = digits.labels): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), idx([9, 8, 6], digits.inputs.subarray(0, 9 * 48)));
  writeFileSync(join(folder, 'train-labels-idx1-ubyte'), idx([9], labels.subarray(0, 9)));
  writeFileSync(join(folder, 't10k-images-idx3-ubyte'), idx([3, 8, 6], digits.inputs.subarray(9 * 48)));
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte'), idx([3], labels.subarray(9)));
  return folder;
}

const spec = (change: object = {}) =>
  trainingObjectiveSchema.parse({
    kind: 'training',
    dataset: { name: 'own', set: 'small-digits', shape: [8, 6, 1], classes: 3, train: 7, validation: 2, ...change },
    network: { name: 'cnn' },
    optimizer: { name: 'sgd' },
    batchSize: 2,
  }).dataset;

it('stores IDX files of any size in the cache and loads the first examples', async () => {
  const cacheDir = temporaryFolder();
  const header = await importDataSet('small-digits', { cacheDir, folder: idxFolder() });
  expect(header).toMatchObject({ shape: [8, 6, 1], classes: 3, train: 9, test: 3 });
  const data = await loadDataSet(spec(), { cacheDir });
  expect(data).toMatchObject({ classes: 3, hash: header.sha256, train: { count: 7 }, validation: { count: 2 } });
  expect([...data.train.inputs]).toEqual([...digits.inputs.subarray(0, 7 * 48)]);
});

it('accepts any number of files in the layout of CIFAR-10, with or without test images', async () => {
  const [cacheDir, folder] = [temporaryFolder(), temporaryFolder()];
  const record = (label: number, value: number) => Buffer.concat([Buffer.of(label), Buffer.alloc(3072, value)]);
  writeFileSync(join(folder, 'data_batch_1.bin'), Buffer.concat([record(0, 10), record(1, 20)]));
  writeFileSync(join(folder, 'data_batch_2.bin'), record(1, 30));
  expect(await importDataSet('patches', { cacheDir, folder })).toMatchObject({
    shape: [32, 32, 3],
    classes: 2,
    train: 3,
    test: 0,
  });
  writeFileSync(join(folder, 'test_batch.bin'), record(0, 40));
  expect(await importDataSet('patches', { cacheDir, folder })).toMatchObject({ train: 3, test: 1 });
});

it('says what is wrong with a folder', async () => {
  const cacheDir = temporaryFolder();
  const take = (folder: string, set = 'x') => importDataSet(set, { cacheDir, folder });
  await expect(take(join(cacheDir, 'nowhere'))).rejects.toThrow('no such folder');
  await expect(take(temporaryFolder())).rejects.toThrow('holds neither');
  await expect(take(idxFolder(), 'No Name')).rejects.toThrow('lower-case');
  await expect(take(idxFolder(digits.labels.map((label) => label * 2)))).rejects.toThrow(
    'no training image has the label 1',
  );
  await expect(take(idxFolder(digits.labels.map((label, i) => (i > 9 ? 7 : label))))).rejects.toThrow(
    'a test image has the label 7',
  );
  const cut = idxFolder();
  rmSync(join(cut, 't10k-labels-idx1-ubyte'));
  await expect(take(cut)).rejects.toThrow('t10k-labels-idx1-ubyte');
});

it('is refused if the cache has no set of that name, or a different one', async () => {
  const cacheDir = temporaryFolder();
  mkdirSync(join(cacheDir, 'datasets'));
  await expect(loadDataSet(spec(), { cacheDir })).rejects.toThrow('gradsmith data small-digits --from FOLDER');
  await importDataSet('small-digits', { cacheDir, folder: idxFolder() });
  await expect(loadDataSet(spec({ shape: [6, 8, 1] }), { cacheDir })).rejects.toThrow(
    'dataset.shape: the data set small-digits has 8×6×1',
  );
  await expect(loadDataSet(spec({ classes: 4 }), { cacheDir })).rejects.toThrow('dataset.classes');
  await expect(loadDataSet(spec({ train: 10 }), { cacheDir })).rejects.toThrow('dataset.train');
  await expect(loadDataSet(spec({ validation: 4 }), { cacheDir })).rejects.toThrow('dataset.validation');
});
