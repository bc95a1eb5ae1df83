import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../make-folder.ts';
import { exampleSize, type DataSet, type Examples } from '../data-set.ts';

/** All examples of an image data set, as its source gives them. */
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

// File: magic, length of the header (uint32 little-endian), header (JSON), then without gaps the labels and images of
// the training set and of the test set. Fixed places let a reader take the first examples only.
const MAGIC = 'gradsmith-data-1';
const PREFIX = MAGIC.length + 4;

export function dataSetFile(cacheDir: string, name: string): string {
  return join(cacheDir, 'datasets', `${name}.bin`);
}

/** Names of one's own are kept apart from those that are known. */
export function ownDataSetFile(cacheDir: string, set: string): string {
  return join(cacheDir, 'datasets', 'own', `${set}.bin`);
}

/**
 * Writes the data set next to its place and moves it there in one step: a reader sees all of it or nothing, and of two
 * processes that write at once the last one wins with the same bytes.
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

/** The header of a data set file, or undefined where there is no file. @throws Error on a file of another kind or size */
export async function readHeader(file: string): Promise<Header | undefined> {
  const handle = await openIfThere(file);
  if (!handle) return undefined;
  try {
    return (await parseHeader(handle, file)).header;
  } finally {
    await handle.close();
  }
}

/** The first `train` training and `validation` test examples. @throws Error on a damaged file */
export async function readDataSet(file: string, train: number, validation: number): Promise<DataSet | undefined> {
  const handle = await openIfThere(file);
  if (!handle) return undefined;
  try {
    const { header, start } = await parseHeader(handle, file);
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

async function parseHeader(handle: FileHandle, file: string): Promise<{ header: Header; start: number }> {
  const prefix = await readBytes(handle, 0, PREFIX);
  if (prefix.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw createDamagedError(file, 'it does not begin like one');
  const length = prefix.readUInt32LE(MAGIC.length);
  const { size } = await handle.stat();
  if (length > size) throw createDamagedError(file, 'it is too short');
  const header = headerSchema.parse(JSON.parse((await readBytes(handle, PREFIX, length)).toString()));
  const start = PREFIX + length;
  const expected = start + (header.train + header.test) * (1 + exampleSize(header.shape));
  if (size !== expected) throw createDamagedError(file, `it has ${size} bytes instead of ${expected}`);
  return { header, start };
}

async function readExamples(
  handle: FileHandle,
  start: number,
  total: number,
  size: number,
  wanted: number,
): Promise<Examples> {
  if (wanted > total) throw new RangeError(`${wanted} examples asked for, ${total} there`);
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

function createDamagedError(file: string, why: string): Error {
  return new Error(`${file} is not a complete data set file: ${why}. Delete it and fetch the data set again.`);
}
