import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * An API key is `gs_<id>_<secret>`, the secret 32 random bytes in base64url. The SHA-256 of the secret is stored, not a
 * slow hash such as scrypt. Slow hashes make guessing passwords expensive, but 256 random bits cannot be guessed, and a
 * slow hash would delay every request.
 */
const pattern = /^gs_([a-z0-9-]{1,32})_([A-Za-z0-9_-]{43})$/;

export const keyId = /^[a-z0-9-]{1,32}$/;
export const keyHash = /^sha256:[0-9a-f]{64}$/;

/** Makes a key, and the hash of it for the key file. The key cannot be shown again. */
export function makeKey(id: string): { key: string; hash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { key: `gs_${id}_${secret}`, hash: hashSecret(secret) };
}

/** Returns the parts of a key as a client sends it, or null if it does not have the form of a key. */
export function parseKey(text: string): { id: string; secret: string } | null {
  const [, id, secret] = pattern.exec(text) ?? [];
  return id && secret ? { id, secret } : null;
}

/** Compares in constant time, so that the time does not show where the two differ. */
export function matchesHash(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret)), Buffer.from(hash));
}

function hashSecret(secret: string): string {
  return `sha256:${createHash('sha256').update(secret).digest('hex')}`;
}
