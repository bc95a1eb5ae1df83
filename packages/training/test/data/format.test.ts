import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { loadDataSet } from '../../src/data/index.ts';
import { dataSetFile, readDataSet, readHeader, readIntactHeader, writeDataSet } from '../../src/data/store/format.ts';
import { ramp, temporaryFolder } from './files.ts';

const raw = { shape: [2, 3, 1] as [number, number, number], train: ramp(50, 6), test: ramp(20, 6) };
const header = {
  name: 'mnist',
  shape: raw.shape,
  classes: 10,
  train: 50,
  test: 20,
  channels: [{ mean: 0.5, sd: 0.25 }],
};

it('reads back the first examples of both parts', async () => {
  const cacheDir = temporaryFolder();
  const { sha256 } = await writeDataSet(dataSetFile(cacheDir, 'mnist'), header, raw);
  const spec = { name: 'mnist' as const, train: 7, validation: 20, standardize: true };
  const found = await loadDataSet(spec, { cacheDir });
  expect(found).toMatchObject({
    name: 'mnist',
    shape: [2, 3, 1],
    classes: 10,
    hash: sha256,
    channels: header.channels,
  });
  expect(found.train.count).toBe(7);
  expect([...found.train.labels]).toEqual([...raw.train.labels.subarray(0, 7)]);
  expect([...found.train.inputs]).toEqual([...raw.train.inputs.subarray(0, 42)]);
  expect([...found.validation.labels]).toEqual([...raw.test.labels]);
  expect([...found.validation.inputs]).toEqual([...raw.test.inputs]);
});

it('says what to do if the data set is missing', async () => {
  const spec = { name: 'cifar10' as const, train: 1, validation: 1, standardize: true };
  await expect(loadDataSet(spec, { cacheDir: temporaryFolder() })).rejects.toThrow(
    /gradsmith data cifar10.*--from FOLDER/s,
  );
});

it('refuses more examples than there are', async () => {
  const file = dataSetFile(temporaryFolder(), 'mnist');
  await writeDataSet(file, header, raw);
  await expect(readDataSet(file, 51, 0)).rejects.toThrow('51 examples requested, but there are 50');
});

it('refuses a file that is truncated, longer or of another format', async () => {
  const file = dataSetFile(temporaryFolder(), 'mnist');
  await writeDataSet(file, header, raw);
  const whole = readFileSync(file);
  for (const bytes of [
    whole.subarray(0, -1),
    whole.subarray(0, 3),
    Buffer.concat([whole, whole]),
    Buffer.from('something else entirely'),
  ]) {
    writeFileSync(file, bytes);
    await expect(readHeader(file)).rejects.toThrow('is damaged');
  }
});

it.each<[string, (bytes: Buffer) => unknown, string]>([
  ['overwritten labels', (bytes) => bytes.subarray(-20 * 7, -20 * 7 + 10).fill(3), 'do not match its checksum'],
  ['an overwritten image', (bytes) => bytes.subarray(-3).fill(9), 'do not match its checksum'],
])('refuses to train with %s, and says how to replace the file', async (_, spoil, why) => {
  const cacheDir = temporaryFolder();
  const file = dataSetFile(cacheDir, 'mnist');
  await writeDataSet(file, header, raw);
  const spec = { name: 'mnist' as const, train: 7, validation: 2, standardize: true };
  await loadDataSet(spec, { cacheDir });
  const bytes = readFileSync(file);
  spoil(bytes);
  writeFileSync(file, bytes);
  await expect(loadDataSet(spec, { cacheDir })).rejects.toThrow(why);
  await expect(loadDataSet(spec, { cacheDir })).rejects.toThrow('Replace it with "gradsmith data mnist"');
  expect(await readIntactHeader(file)).toBeUndefined();
});

it('refuses a label beyond the classes, although the checksum is right', async () => {
  const file = dataSetFile(temporaryFolder(), 'mnist');
  await writeDataSet(file, { ...header, classes: 5 }, raw);
  await expect(readDataSet(file, 1, 1)).rejects.toThrow(/it has the label \d+, but 5 classes/);
});

it('leaves one complete file if many processes write at the same time', async () => {
  const file = dataSetFile(temporaryFolder(), 'mnist');
  const headers = await Promise.all(Array.from({ length: 8 }, () => writeDataSet(file, header, raw)));
  expect(new Set(headers.map(({ sha256 }) => sha256)).size).toBe(1);
  expect(await readHeader(file)).toEqual(headers[0]);
  expect(readdirSync(dirname(file))).toEqual(['mnist.bin']);
});

it('leaves no file if writing fails', async () => {
  const file = dataSetFile(temporaryFolder(), 'mnist');
  const broken = { ...raw, test: { ...raw.test, inputs: undefined as unknown as Uint8Array } };
  await expect(writeDataSet(file, header, broken)).rejects.toThrow();
  expect(await readHeader(file)).toBeUndefined();
});
