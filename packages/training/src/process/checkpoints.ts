import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../engine/index.ts';
import { makeFolder } from '../make-folder.ts';

/** How long checkpoints of unfinished trainings are kept. */
const KEEP_MS = 7 * 24 * 3600 * 1000;
/** Names of checkpoints and of files that become one. */
const CHECKPOINT_NAME = /^[0-9a-f]{64}\.checkpoint(\.[0-9a-f-]{36})?$/;
/** Length of the digest at the end of a file. */
const DIGEST_BYTES = 32;

/**
 * Stores checkpoints in a folder, one file per training, named by its key. Trainings with equal keys are equal bit for
 * bit, so they can share a file. If the disk refuses a checkpoint, `warn` is called once and the training continues
 * without: it would then start again after an interruption.
 */
export class CheckpointFolder {
  readonly #folder: string;

  readonly #everyMs: number;

  readonly #runSafely: SafeRunner;

  constructor({ folder, everyMs, warn }: { folder: string; everyMs: number; warn(message: string): void }) {
    this.#folder = folder;
    this.#everyMs = everyMs;
    this.#runSafely = createSafeRunner(folder, warn);
    this.#runSafely(() => makeFolder(folder));
    removeOldCheckpoints(folder);
  }

  /** The checkpoint file of one training. */
  of(key: string): CheckpointFile {
    return new CheckpointFile(
      join(this.#folder, `${createHash('sha256').update(key).digest('hex')}.checkpoint`),
      key,
      this.#everyMs,
      this.#runSafely,
    );
  }
}

/** Removes the checkpoints that no training has needed for long. The folder may contain files of others. */
function removeOldCheckpoints(folder: string): void {
  for (const name of ignoreErrors(() => readdirSync(folder)) ?? []) {
    if (!CHECKPOINT_NAME.test(name)) continue;
    ignoreErrors(() => {
      const path = join(folder, name);
      if (Date.now() - statSync(path).mtimeMs > KEEP_MS) rmSync(path, { force: true });
    });
  }
}

/** For the removal of old files: one that fails costs only space, and says nothing about whether files can be saved. */
function ignoreErrors<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Returns the result of the work, or undefined if it throws. */
type SafeRunner = <T>(work: () => T) => T | undefined;

function createSafeRunner(folder: string, warn: (message: string) => void): SafeRunner {
  let warned = false;
  return (work) => {
    try {
      return work();
    } catch (error) {
      if (!warned)
        warn(
          `trainings cannot be saved in ${folder} and go on without; one that is interrupted starts ` +
            `again (${(error as Error).message}); check the space and the permissions of the folder`,
        );
      warned = true;
      return undefined;
    }
  };
}

class CheckpointFile {
  readonly #path: string;
  readonly #key: string;
  readonly #everyMs: number;
  readonly #runSafely: SafeRunner;
  #saved = performance.now();

  constructor(path: string, key: string, everyMs: number, runSafely: SafeRunner) {
    this.#path = path;
    this.#key = key;
    this.#everyMs = everyMs;
    this.#runSafely = runSafely;
  }

  /** Returns the last saved state, or undefined if none is usable. */
  load(): Checkpoint | undefined {
    return this.#runSafely(() =>
      existsSync(this.#path) ? decodeCheckpoint(readIntact(readFileSync(this.#path)), this.#key) : undefined,
    );
  }

  /** Saves the state if enough time has passed since the last attempt. Replaces the file in one step. */
  async save(read: () => Promise<Checkpoint>): Promise<void> {
    if (performance.now() - this.#saved < this.#everyMs) return;
    const bytes = encodeCheckpoint(await read(), this.#key);
    const temporary = `${this.#path}.${randomUUID()}`;
    const done = this.#runSafely(() => {
      writeDurably(temporary, bytes);
      renameSync(temporary, this.#path);
      return true;
    });
    // A partial file would help to keep a full disk full.
    if (!done) this.#runSafely(() => rmSync(temporary, { force: true }));
    this.#saved = performance.now();
  }

  remove(): void {
    this.#runSafely(() => rmSync(this.#path, { force: true }));
  }
}

/** Writes the bytes and their digest. They reach the disk before the file gets its name. */
function writeDurably(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx');
  try {
    writeFileSync(file, bytes);
    writeFileSync(file, computeDigest(bytes));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Returns the bytes before their digest; none if they are not those that were saved. */
function readIntact(stored: Uint8Array): Uint8Array {
  const end = Math.max(0, stored.length - DIGEST_BYTES);
  // A copy, because a Buffer's `slice` would expose the memory of other files.
  const bytes = new Uint8Array(stored).slice(0, end);
  return computeDigest(bytes).equals(stored.subarray(end)) ? bytes : new Uint8Array();
}

function computeDigest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
