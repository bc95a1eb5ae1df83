import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ScopedKey } from './scoped-key.ts';

/** The only form of a job id, at every entry: it may become part of a URL, a key or a file name. */
export const jobIdPattern = /^job_[0-9a-z]{20}$/;

/** Returns an id that nobody can predict. */
export function createJobId(): string {
  return `job_${bytesToHex(randomBytes(10))}`;
}

/**
 * Returns the id of the job that a caller's idempotency key stands for: creating it twice finds the first. Keys of
 * different callers stand for different jobs, and without the ledger's secret nobody can compute the id from the key.
 */
export function deriveJobId(secret: string, { key, caller }: ScopedKey): string {
  const mac = hmac(sha256, utf8ToBytes(secret), utf8ToBytes(JSON.stringify([caller, key])));
  return `job_${bytesToHex(mac).slice(0, 20)}`;
}

/** Returns the id that versions before 2026-11-29 derived, without a secret: such jobs are still found by their key. */
export function deriveEarlierJobId({ key, caller }: ScopedKey): string {
  const scoped = caller === null ? key : JSON.stringify([caller, key]);
  return `job_${bytesToHex(sha256(utf8ToBytes(scoped))).slice(0, 20)}`;
}
