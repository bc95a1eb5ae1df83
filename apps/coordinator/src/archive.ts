import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerUnavailable, toFileName } from '@gradsmith/core/domain';
import { retireJobs } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { type Clock, type Log } from '@gradsmith/core/ports';

/** How often expired jobs are searched, ms. */
const EVERY_MS = 60 * 60_000;
/** Pause after an archive that failed, ms. */
const RETRY_MS = 60_000;
/** What is wrong with the folder, and so with every job, if writing fails with one of these codes. */
const FOLDER_CODES: readonly unknown[] = [
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'ENOENT',
  'ENOTDIR',
  'EIO',
  'EMFILE',
  'ENFILE',
];

export interface Retirement {
  ledger: Ledger;
  clock: Clock;
  log: Log;
  keepMs: number;
  /** Folder of the archive; must exist. */
  folder: string;
  /** How often expired jobs are searched, ms. By default once an hour. */
  everyMs?: number;
}

/**
 * Archives and removes finished jobs, now and every hour, until the signal aborts, which also interrupts the archiving
 * of a job. If the folder cannot be written, the jobs stay in the ledger, and it tries again every minute. A job that
 * cannot be archived for another reason stays, and holds up no other.
 */
export async function runRetirement(
  { ledger, clock, log, keepMs, folder, everyMs = EVERY_MS }: Retirement,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let pauseMs = everyMs;
    await removePartialFiles(folder).catch((error: unknown) =>
      log.warn({ err: error, folder }, 'partial files of killed coordinators were not removed'),
    );
    try {
      const jobs = await retireJobs(ledger, {
        keepMs,
        signal,
        archive: (job, document) => writeDocument(folder, job, document),
        onFailure: (job, error) => {
          if (isFolderError(error)) throw error;
          log.error({ err: error, job, folder }, `job not archived, it stays in the ledger: ${getMessage(error)}`);
        },
      });
      if (jobs.length) log.info({ jobs, folder }, 'finished jobs were archived and removed');
    } catch (error) {
      pauseMs = Math.min(RETRY_MS, everyMs);
      const fields = { err: error, folder, retryS: pauseMs / 1_000 };
      if (error instanceof LedgerUnavailable)
        log.warn(fields, 'finished jobs were not archived, because the ledger does not answer');
      else log.error(fields, describeRefusal(error));
    }
    await clock.sleep(pauseMs, signal);
  }
}

function isFolderError(error: unknown): boolean {
  return FOLDER_CODES.includes((error as NodeJS.ErrnoException).code);
}

function describeRefusal(error: unknown): string {
  const remedy = isFolderError(error) ? '; check the space and the permissions of the folder' : '';
  return `finished jobs could not be archived and stay in the ledger: ${getMessage(error)}${remedy}`;
}

function getMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Partial files that are older than this are of coordinators that were killed while they wrote, ms. */
const PARTIAL_MS = 24 * 60 * 60_000;

/** Removes the partial files that killed coordinators left in the folder. Others may be writing there now. */
async function removePartialFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/\.json\.[0-9a-f-]{36}$/.test(name)) continue;
    // Another coordinator may have finished or removed it in the meantime.
    const found = await stat(join(folder, name)).catch(ignoreMissing);
    if (found && Date.now() - found.mtimeMs > PARTIAL_MS) await rm(join(folder, name), { force: true });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** Writes a document that `gradsmith import` reads, durably and atomically. Leaves nothing behind if it fails. */
async function writeDocument(folder: string, jobId: string, document: AsyncIterable<string>): Promise<void> {
  const file = join(folder, toFileName(jobId, '.json'));
  // Coordinators in containers share the folder and can have the same process id.
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeDurably(temporary, document);
    await rename(temporary, file);
  } catch (error) {
    // A partial file would help to keep a full disk full.
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  const directory = await open(folder);
  await directory.sync().finally(() => directory.close());
}

async function writeDurably(file: string, texts: AsyncIterable<string>): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(texts);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
