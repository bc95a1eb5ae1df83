import { readFileSync, statSync } from 'node:fs';
import { InvalidInput, toProblems } from '@gradsmith/core/domain';
import { type Log } from '@gradsmith/core/ports';
import { z } from 'zod';
import { fits, keyHash, keyId, makeKey, parseKey } from './key.ts';
import { scopes, type Scope } from './scopes.ts';

const keyFileSchema = z
  .strictObject({
    keys: z
      .array(
        z.strictObject({
          id: z.string().regex(keyId, 'must be 1 to 32 lower-case letters, digits or dashes'),
          hash: z.string().regex(keyHash, 'must be sha256: and 64 hexadecimal digits, as make-key prints it'),
          scopes: z.array(z.enum(scopes)).min(1),
          perMinute: z.int().min(1).optional(),
          note: z.string().max(500).optional(),
        }),
      )
      .max(10_000),
  })
  .refine(({ keys }) => new Set(keys.map(({ id }) => id)).size === keys.length, {
    path: ['keys'],
    message: 'an id stands twice',
  });

/** Who sent a request. */
export interface Identity {
  id: string;
  scopes: readonly Scope[];
  /** Requests a minute, where the key has its own limit. */
  perMinute?: number;
}

/** How often the file is looked at, ms. */
const LOOK_MS = 1_000;
/** Stands in for a key that is not there, so that an unknown id takes as long as a wrong secret. */
const nobody = makeKey('nobody').hash;

/** The keys of a file, read again whenever it changes: a key is rotated or withdrawn by editing the file. */
export class KeyRing {
  readonly #file: string;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #keys = new Map<string, Identity & { hash: string }>();
  #version = '';

  /** Throws InvalidInput for a file that cannot be read or is not a key file. */
  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    this.#version = this.#look();
    this.#keys = read(file);
    this.#timer = setInterval(() => this.reload(), LOOK_MS).unref();
  }

  /** The identity a key stands for, or null. */
  find(text: string): Identity | null {
    const parsed = parseKey(text);
    const known = parsed ? this.#keys.get(parsed.id) : undefined;
    const right = fits(parsed?.secret ?? '', known?.hash ?? nobody);
    return known && right ? known : null;
  }

  /** Reads the file if it has changed. What cannot be read leaves the keys as they are, and is said. */
  reload(): void {
    const version = this.#look();
    if (version === this.#version) return;
    this.#version = version;
    try {
      this.#keys = read(this.#file);
      this.#log.info({ keys: this.#keys.size }, 'API keys read again');
    } catch (error) {
      this.#log.error({ err: error }, 'the changed key file cannot be used; the keys stay as they were');
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): string {
    try {
      const { mtimeMs, size, ino } = statSync(this.#file);
      return `${mtimeMs} ${size} ${ino}`;
    } catch {
      return 'absent';
    }
  }
}

function read(file: string): Map<string, Identity & { hash: string }> {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InvalidInput(
      [{ path: [], message: `cannot be read: ${(error as Error).message}` }],
      `the key file ${file}`,
    );
  }
  const parsed = keyFileSchema.safeParse(text);
  if (!parsed.success)
    throw new InvalidInput(
      parsed.error.issues.flatMap((issue) => toProblems(issue)),
      `the key file ${file}`,
    );
  return new Map(parsed.data.keys.map((key) => [key.id, key]));
}
