import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export const jobIdPattern = /^job_[0-9a-f]{20}$/;

/** The id of the job that a client's idempotency key stands for: creating it twice finds the first. */
export function deriveJobId(idempotencyKey: string): string {
  return `job_${bytesToHex(sha256(utf8ToBytes(idempotencyKey))).slice(0, 20)}`;
}
