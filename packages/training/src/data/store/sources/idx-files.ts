import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DataSetRefused } from '../errors.ts';
import type { RawDataSet, RawExamples } from '../format.ts';
import { parseIdx } from '../idx.ts';

/** The four files of MNIST and of the data sets in its format. */
export const idxFiles = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;

/** Combines the contents of the four files, given by name. */
export function fromIdxFiles(files: ReadonlyMap<string, Buffer>): RawDataSet {
  const [height, width, train] = readPart(files, idxFiles[0], idxFiles[1]);
  const [testHeight, testWidth, test] = readPart(files, idxFiles[2], idxFiles[3]);
  if (height !== testHeight || width !== testWidth) {
    throw new DataSetRefused(
      idxFiles[2],
      `its images are ${testHeight}×${testWidth}, the training images ${height}×${width}`,
    );
  }
  return { shape: [height, width, 1], train, test };
}

/** Reads the four files from a folder, each with or without the suffix `.gz`. */
export async function readIdxFolder(folder: string): Promise<RawDataSet> {
  const files = new Map<string, Buffer>();
  for (const name of idxFiles) files.set(name, await readPlainOrGz(folder, name));
  return fromIdxFiles(files);
}

function readPart(files: ReadonlyMap<string, Buffer>, images: string, labels: string): [number, number, RawExamples] {
  const [pixels, classes] = [images, labels].map((name) => {
    const bytes = files.get(name);
    if (!bytes) throw new DataSetRefused(name, 'the file is missing');
    try {
      return parseIdx(bytes, name);
    } catch (error) {
      throw new DataSetRefused(name, (error as Error).message);
    }
  });
  const [count, height, width] = pixels!.shape;
  if (pixels!.shape.length !== 3) throw new DataSetRefused(images, `it has ${pixels!.shape.length} dimensions, not 3`);
  if (classes!.shape.join() !== String(count))
    throw new DataSetRefused(labels, `${classes!.shape.join('×')} labels for ${count} images`);
  return [height!, width!, { inputs: pixels!.values, labels: classes!.values }];
}

async function readPlainOrGz(folder: string, name: string): Promise<Buffer> {
  const read = (path: string) =>
    readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  const plain = await read(join(folder, name));
  if (plain) return plain;
  const packed = await read(join(folder, `${name}.gz`));
  if (packed) return gunzipSync(packed);
  throw new DataSetRefused(folder, `neither ${name} nor ${name}.gz is there. Its files are: ${idxFiles.join(', ')}`);
}
