import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toFileName } from '@gradsmith/core/domain';
import { z } from 'zod';
import { makeFolder } from '../../make-folder.ts';
import { exampleSize, type DataSet, type Examples } from '../data-set.ts';
import { DataSetDamaged } from './errors.ts';

/** All examples of an image data set, as its source provides them. */
export interface RawDataSet {
  /** [height, width, channels]. */
  shape: [number, number, number];
  train: RawExamples;
  test: RawExamples;
}

export interface RawExamples {
  inputs: Uint8Array;
  labels: Uint8Array;
}

const headerSchema = z.strictObject({
  name: z.string(),
  shape: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
  classes: z.int().min(2).max(256),
  train: z.int().nonnegative(),
  test: z.int().nonnegative(),
  channels: z.array(z.strictObject({ mean: z.number(), sd: z.number().positive() })),
  sha256: z.string().length(64),
});
export type Header = z.infer<typeof headerSchema>;

// File layout: magic, header length (uint32 little-endian), header (JSON), then without gaps the labels and images of
// the training set and of the test set. The positions are fixed, so a reader can read only the first examples.
const MAGIC = 'gradsmith-data-1';
const PREFIX = MAGIC.length + 4;
/** Bytes that are read at once to verify a file. */
const CHUNK = 4 * 2 ** 20;

export function dataSetFile(cacheDir: string, name: string): string {
  return join(cacheDir, 'datasets', toFileName(name, '.bin'));
}

/** Users' own data sets are in a separate folder. */
export function ownDataSetFile(cacheDir: string, set: string): string {
  return join(cacheDir, 'datasets', 'own', toFileName(set, '.bin'));
}

/**
 * Writes the data set to a temporary file and renames it in one step, so that readers never see a partial file. If two
 * processes write at the same time, the last one wins with the same bytes.
 */
export async function writeDataSet(file: string, header: Omit<Header, 'sha256'>, raw: RawDataSet): Promise<Header> {
  const parts = [raw.train.labels, raw.train.inputs, raw.test.labels, raw.test.inputs];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  const complete: Header = { ...header, sha256: hash.digest('hex') };
  const json = Buffer.from(JSON.stringify(complete));
  const prefix = Buffer.alloc(PREFIX);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32LE(json.length, MAGIC.length);

  makeFolder(dirname(file));
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for (const part of [prefix, json, ...parts]) await handle.writeFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return complete;
}

/**
 * Returns the header of a data set file; undefined if there is none. The contents are not verified.
 *
 * @throws DataSetDamaged if the file has another format or size
 */
export async function readHeader(file: string): Promise<Header | undefined> {
  const handle = await openIfThere(file);
  if (!handle) return undefined;
  try {
    return (await readPrefix(handle, file)).header;
  } finally {
    await handle.close();
  }
}

/** Returns the header of an intact data set file; undefined if there is none or it is damaged. */
export async function readIntactHeader(file: string): Promise<Header | undefined> {
  const handle = await openIfThere(file);
  if (!handle) return undefined;
  try {
    const { header, start } = await readPrefix(handle, file);
    await verifyContents(handle, file, { header, start });
    return header;
  } catch (error) {
    if (error instanceof DataSetDamaged) return undefined;
    throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Reads the first `train` training and `validation` test examples.
 *
 * @throws DataSetDamaged if the file differs from what was written
 */
export async function readDataSet(file: string, train: number, validation: number): Promise<DataSet | undefined> {
  const handle = await openIfThere(file);
  if (!handle) return undefined;
  try {
    const { header, start } = await readPrefix(handle, file);
    await verifyContents(handle, file, { header, start });
    const size = exampleSize(header.shape);
    const testStart = start + header.train * (1 + size);
    return {
      name: header.name,
      shape: header.shape,
      classes: header.classes,
      hash: header.sha256,
      channels: header.channels,
      train: await readExamples(handle, start, header.train, size, train),
      validation: await readExamples(handle, testStart, header.test, size, validation),
    };
  } finally {
    await handle.close();
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readPrefix(handle: FileHandle, file: string): Promise<{ header: Header; start: number }> {
  const prefix = await readBytes(handle, 0, PREFIX);
  if (prefix.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new DataSetDamaged(file, 'it does not start like a data set file');
  const length = prefix.readUInt32LE(MAGIC.length);
  const { size } = await handle.stat();
  if (length > size) throw new DataSetDamaged(file, 'it is too short');
  const header = parseHeader((await readBytes(handle, PREFIX, length)).toString());
  if (!header) throw new DataSetDamaged(file, 'its header cannot be read');
  const start = PREFIX + length;
  const expected = start + (header.train + header.test) * (1 + exampleSize(header.shape));
  if (size !== expected) throw new DataSetDamaged(file, `it has ${size} bytes instead of ${expected}`);
  return { header, start };
}

function parseHeader(text: string): Header | undefined {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Files that this process has verified, by their identity and time of change. */
const verified = new Set<string>();

/** Compares the contents with the header's checksum and the labels with the number of classes, once for each file. */
async function verifyContents(
  handle: FileHandle,
  file: string,
  { header, start }: { header: Header; start: number },
): Promise<void> {
  const { dev, ino, size, mtimeNs } = await handle.stat({ bigint: true });
  const identity = [dev, ino, size, mtimeNs].join();
  if (verified.has(identity)) return;
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (let position = start; position < size;) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK, position);
    if (bytesRead === 0) break;
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
  if (hash.digest('hex') !== header.sha256) throw new DataSetDamaged(file, 'its contents do not match its checksum');
  await checkLabels(handle, file, { header, start });
  verified.add(identity);
}

async function checkLabels(
  handle: FileHandle,
  file: string,
  { header: { train, test, classes, shape }, start }: { header: Header; start: number },
): Promise<void> {
  const testStart = start + train * (1 + exampleSize(shape));
  for (const labels of [await readBytes(handle, start, train), await readBytes(handle, testStart, test)]) {
    const unknown = labels.find((label) => label >= classes);
    if (unknown === undefined) continue;
    throw new DataSetDamaged(file, `it has the label ${unknown}, but ${classes} classes`);
  }
}

async function readExamples(
  handle: FileHandle,
  start: number,
  total: number,
  size: number,
  wanted: number,
): Promise<Examples> {
  if (wanted > total) throw new RangeError(`${wanted} examples requested, but there are ${total}`);
  const labels = await readBytes(handle, start, wanted);
  const inputs = await readBytes(handle, start + total, wanted * size);
  return { count: wanted, labels, inputs };
}

async function readBytes(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes;
}
