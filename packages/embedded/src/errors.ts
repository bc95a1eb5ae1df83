import { CorruptRecord, GradsmithError, LedgerUnavailable } from '@gradsmith/core/domain';

/** Primary result codes of SQLite that need handling (https://sqlite.org/rescode.html). */
const code = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

const unavailable = new Map<number, string>([
  [code.busy, 'another process is writing to it'],
  [code.locked, 'another connection is writing to it'],
  [code.readOnly, 'it cannot be written; check the permissions of the file and its folder'],
  [code.ioError, 'reading or writing it failed; check the disk'],
  [code.full, 'the disk is full'],
  [code.cannotOpen, 'it cannot be opened; check that its folder exists and its permissions'],
]);

/** Returns true if the same call may succeed after a short wait. */
export function isBusy(error: unknown): boolean {
  const found = primaryCode(error);
  return found === code.busy || found === code.locked;
}

/** Converts the error of a failed statement. The message names the file and what to do. */
export function toLedgerError(error: unknown, file: string): Error {
  if (error instanceof GradsmithError) return error;
  const found = primaryCode(error);
  const detail = error instanceof Error ? error.message : String(error);
  if (found === code.corrupt || found === code.notADatabase) {
    return new CorruptRecord(
      `${file} is damaged or is no ledger (${detail}); restore it from a back-up, or move it away to ` +
        `start an empty one`,
    );
  }
  const reason = found === undefined ? undefined : unavailable.get(found);
  if (reason)
    return new LedgerUnavailable(`the ledger ${file} is not available: ${reason} (${detail})`, { cause: error });
  return error instanceof Error ? error : new Error(detail);
}

/** Returns the result code of an error of node:sqlite without its extension bits. */
function primaryCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : undefined;
}
