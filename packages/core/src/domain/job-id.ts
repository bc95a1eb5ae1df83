import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The only form of a job id, at every entry: it may become part of a URL, a key or a file name. */
export const jobIdPattern = /^job_[0-9a-z]{20}$/;

/**
 * Returns the id of the job that a client's idempotency key stands for: creating it twice finds the first. Keys of
 * different callers stand for different jobs; `caller` is null if callers are not distinguished.
 */
export function deriveJobId(idempotencyKey: string, caller: string | null = null): string {
  const scoped = caller === null ? idempotencyKey : JSON.stringify([caller, idempotencyKey]);
  return `job_${bytesToHex(sha256(utf8ToBytes(scoped))).slice(0, 20)}`;
}
