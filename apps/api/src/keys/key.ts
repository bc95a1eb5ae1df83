import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * An API key is `gs_<id>_<secret>`, the secret 32 random bytes in base64url. What is stored is the secret's SHA-256 and
 * not a slow hash such as scrypt: slow hashes make guessing passwords dear, but nobody guesses 256 random bits, and
 * every request would pay for it.
 */
const pattern = /^gs_([a-z0-9-]{1,32})_([A-Za-z0-9_-]{43})$/;

export const keyId = /^[a-z0-9-]{1,32}$/;
export const keyHash = /^sha256:[0-9a-f]{64}$/;

/** A new key and what the key file has to hold of it. The key itself can never be shown again. */
export function makeKey(id: string): { key: string; hash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { key: `gs_${id}_${secret}`, hash: hashOf(secret) };
}

/** The parts of a key as a client sends it, or null for what cannot be one. */
export function parseKey(text: string): { id: string; secret: string } | null {
  const [, id, secret] = pattern.exec(text) ?? [];
  return id && secret ? { id, secret } : null;
}

/** Compares in constant time: how long it takes says nothing about where the two differ. */
export function fits(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(hash));
}

function hashOf(secret: string): string {
  return `sha256:${createHash('sha256').update(secret).digest('hex')}`;
}
