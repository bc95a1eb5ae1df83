import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import { expect, it } from 'vitest';
import { prepareDataSet } from '../../src/data/index.ts';
import { channelStatistics } from '../../src/data/store/check.ts';
import { cifar10 } from '../../src/data/store/sources/cifar10.ts';
import { fashionMnist } from '../../src/data/store/sources/fashion-mnist.ts';
import { mnist } from '../../src/data/store/sources/mnist.ts';
import { tarEntries, type TarEntry } from '../../src/data/store/tar.ts';
import { idx, ramp, tar, temporaryFolder } from './files.ts';

const images = ramp(6, 28 * 28);
const idxArchive = {
  'package/README': Buffer.from('nothing'),
  'package/data/train-images-idx3-ubyte': idx([4, 28, 28], images.inputs.subarray(0, 4 * 784)),
  'package/data/train-labels-idx1-ubyte': idx([4], images.labels.subarray(0, 4)),
  'package/data/t10k-images-idx3-ubyte': idx([2, 28, 28], images.inputs.subarray(4 * 784)),
  'package/data/t10k-labels-idx1-ubyte': idx([2], images.labels.subarray(4)),
};

function buildEntries(
  files: Record<string, Uint8Array>,
  wanted: (path: string) => boolean,
  chunk = 1000,
): AsyncGenerator<TarEntry> {
  const archive = tar(files);
  const chunks = Array.from({ length: Math.ceil(archive.length / chunk) }, (_, i) =>
    archive.subarray(i * chunk, (i + 1) * chunk),
  );
  return tarEntries(Readable.from(chunks), wanted);
}

it('reads MNIST from an archive in chunks of any size', async () => {
  for (const chunk of [77, 512, 1e6]) {
    const raw = await mnist.read(buildEntries(idxArchive, mnist.wanted, chunk));
    expect(raw.shape).toEqual([28, 28, 1]);
    expect(Buffer.from(raw.train.inputs).equals(images.inputs.subarray(0, 4 * 784))).toBe(true);
    expect([...raw.test.labels]).toEqual([4, 5]);
  }
});

it('refuses an archive that ends early or lacks a file', async () => {
  const archive = tar(idxArchive).subarray(0, 3000);
  await expect(mnist.read(tarEntries(Readable.from([archive]), mnist.wanted))).rejects.toThrow('ends inside');
  const { 'package/data/t10k-labels-idx1-ubyte': _, ...rest } = idxArchive;
  await expect(mnist.read(buildEntries(rest, mnist.wanted))).rejects.toThrow(
    't10k-labels-idx1-ubyte: the file is missing',
  );
});

it('reads a folder of IDX files, compressed or not, and names what is wrong with them', async () => {
  const folder = temporaryFolder();
  for (const [path, bytes] of Object.entries(idxArchive).slice(1)) {
    const name = path.split('/').at(-1)!;
    if (name.startsWith('train')) writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes));
    else writeFileSync(join(folder, name), bytes);
  }
  const raw = await mnist.readFolder(folder);
  expect([...raw.train.labels]).toEqual([0, 1, 2, 3]);

  const options = { cacheDir: temporaryFolder(), folder };
  await expect(prepareDataSet('mnist', options)).rejects.toThrow('mnist: class 0 has 1 training images, expected 5923');
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte'), idx([3], Uint8Array.of(1, 2, 3)));
  await expect(prepareDataSet('mnist', options)).rejects.toThrow('t10k-labels-idx1-ubyte: 3 labels for 2 images');
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte'), Buffer.from('hello world'));
  await expect(prepareDataSet('mnist', options)).rejects.toThrow('t10k-labels-idx1-ubyte is not an IDX file');
  await expect(prepareDataSet('mnist', { ...options, folder: join(folder, 'none') })).rejects.toThrow(
    'train-images-idx3-ubyte',
  );
});

it('alternates the classes of Fashion-MNIST, whose files start with the test images', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 10 }, (_, label) => {
      const image = (i: number) => Array.from({ length: 784 }, () => (label * 20 + i) % 256);
      const data = [...Array.from({ length: 1000 }, () => image(0)), [], image(1), image(2), []];
      return [`package/src/clothes/${label}.json`, Buffer.from(JSON.stringify({ data }))];
    }),
  );
  const raw = await fashionMnist.read(buildEntries(files, fashionMnist.wanted, 1e6));
  expect([...raw.train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(raw.train.inputs[13 * 784]).toBe(3 * 20 + 2);
  expect(raw.test.labels.length).toBe(10_000);
  expect(raw.test.inputs[11 * 784]).toBe(20);
});

const cifar = ramp(12, 3072);

it.each([3, 4] as const)('reads CIFAR-10 from PNG files of %d channels', async (channels) => {
  const picture = (first: number) => {
    const data = new Uint8Array(2 * 1024 * channels).fill(255);
    for (let i = 0; i < 2 * 1024; i++) {
      for (let c = 0; c < 3; c++) data[i * channels + c] = cifar.inputs[first * 3072 + 3 * i + c]!;
    }
    return encode({ width: 1024, height: 2, channels, depth: 8, data });
  };
  const files: Record<string, Uint8Array> = { 'package/test_batch.png': picture(10) };
  for (let i = 0; i < 5; i++) files[`package/data_batch_${i + 1}.png`] = picture(2 * i);
  files['package/train_lables.json'] = Buffer.from(JSON.stringify([...cifar.labels.subarray(0, 10)]));
  files['package/test_lables.json'] = Buffer.from('[0,1]');
  const raw = await cifar10.read(buildEntries(files, cifar10.wanted));
  expect(raw.train.inputs.length).toBe(10 * 3072);
  expect(Buffer.from(raw.train.inputs).equals(cifar.inputs.subarray(0, 10 * 3072))).toBe(true);
  expect(Buffer.from(raw.test.inputs).equals(cifar.inputs.subarray(10 * 3072))).toBe(true);
  expect([...raw.train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it("reads CIFAR-10's binary version and converts planes to pixels", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'cifar-10-batches-bin'));
  const record = (i: number) => {
    const bytes = Buffer.alloc(3073);
    bytes[0] = cifar.labels[i]!;
    for (let pixel = 0; pixel < 1024; pixel++) {
      for (let c = 0; c < 3; c++) bytes[1 + 1024 * c + pixel] = cifar.inputs[i * 3072 + 3 * pixel + c]!;
    }
    return bytes;
  };
  const names = ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch'];
  for (const [i, name] of names.entries()) {
    writeFileSync(
      join(folder, 'cifar-10-batches-bin', `${name}.bin`),
      Buffer.concat([record(2 * i), record(2 * i + 1)]),
    );
  }
  const raw = await cifar10.readFolder(folder);
  expect(Buffer.from(raw.train.inputs).equals(cifar.inputs.subarray(0, 10 * 3072))).toBe(true);
  expect([...raw.test.labels]).toEqual([0, 1]);
  writeFileSync(join(folder, 'data_batch_2.bin'), Buffer.alloc(100));
  await expect(cifar10.readFolder(folder)).rejects.toThrow('no multiple of the 3073');
  await expect(cifar10.readFolder(temporaryFolder())).rejects.toThrow('data_batch_1.bin is not there');
});

it('computes channel statistics exactly', () => {
  const [red, blue] = channelStatistics(Uint8Array.of(0, 51, 255, 51, 0, 102, 255, 102), 2);
  expect(red!.mean).toBeCloseTo(0.5, 12);
  expect(red!.sd).toBeCloseTo(0.5, 12);
  expect(blue!.mean).toBeCloseTo(0.3, 12);
  expect(blue!.sd).toBeCloseTo(0.1, 12);
});
