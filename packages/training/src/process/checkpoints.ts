import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../engine/index.ts';

/** Checkpoints of trainings that nobody finished are kept so long. */
const KEEP_MS = 7 * 24 * 3600 * 1000;

/**
 * Checkpoints in a folder, one file a training, named by what is trained and where. Trainings that are equal in both
 * are equal bit for bit, so they may share a file.
 */
export class CheckpointFolder {
  readonly #folder: string;

  readonly #everyMs: number;

  constructor({ folder, everyMs }: { folder: string; everyMs: number }) {
    this.#folder = folder;
    this.#everyMs = everyMs;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
      if (Date.now() - mtimeMs > KEEP_MS) rmSync(path, { force: true });
    }
  }

  /** The checkpoint file of one training. */
  of(key: string): CheckpointFile {
    return new CheckpointFile(join(this.#folder, `${createHash('sha256').update(key).digest('hex')}.checkpoint`), key, this.#everyMs);
  }
}

class CheckpointFile {
  readonly #path: string;
  readonly #key: string;
  readonly #everyMs: number;
  #saved = performance.now();

  constructor(path: string, key: string, everyMs: number) {
    this.#path = path;
    this.#key = key;
    this.#everyMs = everyMs;
  }

  /** The last state saved, or undefined where there is none that can be used. */
  load(): Checkpoint | undefined {
    try {
      // A plain array: a Buffer's `slice` would hand out the memory of other files.
      return decodeCheckpoint(new Uint8Array(readFileSync(this.#path)), this.#key);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Saves the state where enough time has passed since the last time; the file is replaced in one step. */
  async save(read: () => Promise<Checkpoint>): Promise<void> {
    if (performance.now() - this.#saved < this.#everyMs) return;
    const temporary = `${this.#path}.${randomUUID()}`;
    writeFileSync(temporary, encodeCheckpoint(await read(), this.#key));
    renameSync(temporary, this.#path);
    this.#saved = performance.now();
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}
