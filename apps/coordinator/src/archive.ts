import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerUnavailable, toFileName } from '@gradsmith/core/domain';
import { retireJobs, type JobDocument } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { type Clock, type Log } from '@gradsmith/core/ports';

/** How often expired jobs are searched, ms. */
const EVERY_MS = 60 * 60_000;
/** Pause after an archive that failed, ms. */
const RETRY_MS = 60_000;
const REFUSED =
  'finished jobs could not be archived and stay in the ledger; check the space and the permissions of the folder';

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
 * Archives and removes finished jobs, now and every hour, until the signal aborts. If the folder cannot be written, the
 * jobs stay in the ledger, and it tries again every minute.
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
        archive: (document) => writeDocument(folder, document),
        onUnreadable: (job, error) => log.error({ err: error, job }, 'job not archived: it cannot be read'),
      });
      if (jobs.length) log.info({ jobs, folder }, 'finished jobs were archived and removed');
    } catch (error) {
      pauseMs = Math.min(RETRY_MS, everyMs);
      const fields = { err: error, folder, retryS: pauseMs / 1_000 };
      if (error instanceof LedgerUnavailable)
        log.warn(fields, 'finished jobs were not archived, because the ledger does not answer');
      else log.error(fields, REFUSED);
    }
    await clock.sleep(pauseMs, signal);
  }
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
export async function writeDocument(folder: string, document: JobDocument): Promise<void> {
  const file = join(folder, toFileName(document.job.id, '.json'));
  // Coordinators in containers share the folder and can have the same process id.
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeDurably(temporary, JSON.stringify(document));
    await rename(temporary, file);
  } catch (error) {
    // A partial file would help to keep a full disk full.
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  const directory = await open(folder);
  await directory.sync().finally(() => directory.close());
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
