import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { formatBytes } from '../text/numbers.ts';
import { placeWholeFile } from '../whole-file.ts';

/** Characters that a terminal may get: some screens of a table. */
const MAX_SHOWN = 10_000;

/** Writes the parts to a file. It appears under its name when it is whole. */
export async function writeFile(file: string, parts: AsyncIterable<string | Uint8Array>): Promise<void> {
  const place = placeWholeFile(file);
  try {
    await pipeline(Readable.from(parts, { objectMode: false }), createWriteStream(place.path));
    place.keep();
  } catch (error) {
    throw place.discard(error);
  }
}

/** Writes the parts to standard output, as fast as its reader takes them. */
export async function writeToPipe(parts: AsyncIterable<string | Uint8Array>): Promise<void> {
  for await (const part of parts) if (!process.stdout.write(part)) await once(process.stdout, 'drain');
}

/**
 * Writes the parts to the terminal. `command` is the one that was given, for its messages.
 *
 * @throws Failure if they are too long to be read there, or not a text
 */
export async function writeToTerminal(parts: AsyncIterable<string | Uint8Array>, command: string): Promise<void> {
  let text = '';
  for await (const part of parts) {
    if (typeof part !== 'string') throw refuseBytes(command);
    text += part;
    refuseFlood(text, command);
  }
  process.stdout.write(text);
}

/** Throws Failure if a text is too long to be read on a terminal. */
export function refuseFlood(text: string, command: string): void {
  if (text.length <= MAX_SHOWN) return;
  throw new Failure(
    exitCodes.usage,
    'long-output',
    `this would print ${formatBytes(text.length)} or more to the terminal.\n` +
      `Write it to a file (${command} -o FILE), or read it page by page (| less).`,
  );
}

function refuseBytes(command: string): Failure {
  const message = `this format is not a text.\nWrite it to a file: ${command} --format parquet -o FILE`;
  return new Failure(exitCodes.usage, 'binary-output', message);
}
