import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The only form of a job id, at every entry: it may become part of a URL, a key or a file name. */
export const jobIdPattern = /^job_[0-9a-z]{20}$/;

/** The id of the job that a client's idempotency key stands for: creating it twice finds the first. */
export function deriveJobId(idempotencyKey: string): string {
  return `job_${bytesToHex(sha256(utf8ToBytes(idempotencyKey))).slice(0, 20)}`;
}
