import { readFileSync, statSync } from 'node:fs';
import { InvalidInput, toProblems } from '@gradsmith/core/domain';
import { type Log } from '@gradsmith/core/ports';
import { z } from 'zod';
import { matchesHash, keyHash, keyId, makeKey, parseKey } from './key.ts';
import { allows, scopes, type Scope } from './scopes.ts';

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
    message: 'an id occurs twice',
  });

/** The sender of a request. */
export interface Identity {
  id: string;
  scopes: readonly Scope[];
  /** Requests per minute, if the key has its own limit. */
  perMinute?: number;
}

/** An identity with the hash of its secret, as `find` returns it. */
type StoredKey = Identity & { hash: string };

/** How often the file is checked for changes, ms. */
const LOOK_MS = 1_000;
/** Compared in place of an unknown key, so that an unknown id takes as long as a wrong secret. */
const nobody = makeKey('nobody').hash;

/** The keys of a file, which is read again whenever it changes. To replace or remove a key, edit the file. */
export class KeyRing {
  readonly #file: string;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #keys = new Map<string, StoredKey>();
  #version = '';

  /** Throws InvalidInput for a file that cannot be read or is not a key file. */
  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    this.#version = this.#readVersion();
    this.#keys = readKeyFile(file);
    this.#timer = setInterval(() => this.reload(), LOOK_MS).unref();
  }

  /** Returns the identity of a key, or null if it is unknown. */
  find(text: string): Identity | null {
    const parsed = parseKey(text);
    const known = parsed ? this.#keys.get(parsed.id) : undefined;
    const right = matchesHash(parsed?.secret ?? '', known?.hash ?? nobody);
    return known && right ? known : null;
  }

  /** Returns whether the key of this identity is still in the file, and still has the scope. */
  isCurrent(identity: Identity | null, scope: Scope): boolean {
    const known = identity ? this.#keys.get(identity.id) : undefined;
    return known !== undefined && known.hash === (identity as StoredKey).hash && allows(known.scopes, scope);
  }

  /** Reads the file if it has changed. If it cannot be read, the keys stay as they are and the error is logged. */
  reload(): void {
    const version = this.#readVersion();
    if (version === this.#version) return;
    this.#version = version;
    try {
      this.#keys = readKeyFile(this.#file);
      this.#log.info({ keys: this.#keys.size }, 'API keys read again');
    } catch (error) {
      this.#log.error({ err: error }, 'the changed key file cannot be used; the keys stay as they are');
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #readVersion(): string {
    try {
      const { mtimeMs, size, ino } = statSync(this.#file);
      return `${mtimeMs} ${size} ${ino}`;
    } catch {
      return 'absent';
    }
  }
}

function readKeyFile(file: string): Map<string, StoredKey> {
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
    throw new InvalidInput(toProblems(parsed.error, { schema: keyFileSchema }), `the key file ${file}`);
  return new Map(parsed.data.keys.map((key) => [key.id, key]));
}
