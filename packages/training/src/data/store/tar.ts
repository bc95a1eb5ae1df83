import type { Readable } from 'node:stream';

export interface TarEntry {
  path: string;
  data: Buffer;
}

const BLOCK = 512;

/**
 * Yields the regular files of a tar stream (ustar, as npm packs) whose path `wanted` accepts, one at a time. It skips
 * the others without storing them.
 */
export async function* tarEntries(stream: Readable, wanted: (path: string) => boolean): AsyncGenerator<TarEntry> {
  const reader = new BlockReader(stream);
  for (;;) {
    const header = await reader.take(BLOCK);
    if (!header || header.every((byte) => byte === 0)) return;
    const size = Number.parseInt(readText(header, 124, 12), 8);
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    if (!Number.isFinite(size)) throw new Error('not a tar archive: a header has no size');
    const prefix = readText(header, 345, 155);
    const path = prefix ? `${prefix}/${readText(header, 0, 100)}` : readText(header, 0, 100);
    const regular = header[156] === 0 || header[156] === 0x30;
    if (regular && wanted(path)) {
      const data = await reader.take(padded);
      if (!data) throw new Error(`the archive ends inside ${path}`);
      yield { path, data: data.subarray(0, size) };
    } else {
      await reader.skip(padded);
    }
  }
}

function readText(header: Buffer, start: number, length: number): string {
  const field = header.toString('utf8', start, start + length);
  const end = field.indexOf('\0');
  return (end < 0 ? field : field.slice(0, end)).trim();
}

/** Cuts a stream into pieces of the requested lengths. */
class BlockReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Returns the next `length` bytes, or undefined if the stream ends before. */
  async take(length: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) return undefined;
      const piece = this.#rest.subarray(0, missing);
      pieces.push(piece);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
    }
    return Buffer.concat(pieces, length);
  }

  async skip(length: number): Promise<void> {
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) return;
      const step = Math.min(missing, this.#rest.length);
      this.#rest = this.#rest.subarray(step);
      missing -= step;
    }
  }

  async #fill(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done) return false;
    this.#rest = next.value;
    return true;
  }
}
