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

const FULL = 'the disk is full; free space there, and work continues';

const unavailable = new Map<number, string>([
  [code.busy, 'another process is writing to it'],
  [code.locked, 'another connection is writing to it'],
  [code.readOnly, 'it cannot be written; check the permissions of the file and its folder'],
  [code.ioError, 'reading or writing it failed; check the disk and its space'],
  [code.full, FULL],
  [code.cannotOpen, 'it cannot be opened; check that its folder exists and its permissions'],
]);

/** Errors of the file system outside SQLite, such as when a new ledger gets its name. */
const unavailableFiles = new Map<string, string>([
  ['ENOSPC', FULL],
  ['EDQUOT', 'the disk quota is used up; free space there, or raise the quota'],
  ['EIO', 'reading or writing it failed; check the disk'],
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
  const { code: name } = (error ?? {}) as NodeJS.ErrnoException;
  const reason = found === undefined ? unavailableFiles.get(name ?? '') : unavailable.get(found);
  if (reason)
    return new LedgerUnavailable(`the ledger ${file} is not available: ${reason} (${detail})`, { cause: error });
  return error instanceof Error ? error : new Error(detail);
}

/** Returns the result code of an error of node:sqlite without its extension bits. */
function primaryCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : undefined;
}
