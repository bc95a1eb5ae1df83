import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { toFileName } from '@gradsmith/core/domain';
import { retireJobs, type JobDocument } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { type Clock, type Log } from '@gradsmith/core/ports';

/** How often expired jobs are searched, ms. */
const EVERY_MS = 60 * 60_000;

export interface Retirement {
  ledger: Ledger;
  clock: Clock;
  log: Log;
  keepMs: number;
  /** Folder of the archive; must exist. */
  folder: string;
}

/** Archives and removes finished jobs, now and every hour, until the signal aborts. */
export async function runRetirement(
  { ledger, clock, log, keepMs, folder }: Retirement,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const jobs = await retireJobs(ledger, {
        keepMs,
        archive: (document) => writeDocument(folder, document),
        onUnreadable: (job, error) => log.error({ err: error, job }, 'job not archived: it cannot be read'),
      });
      if (jobs.length) log.info({ jobs, folder }, 'finished jobs were archived and removed');
    } catch (error) {
      log.error({ err: error, folder }, 'finished jobs could not be archived and are kept; trying again in an hour');
    }
    await clock.sleep(EVERY_MS, signal);
  }
}

/** Writes a document that `gradsmith import` reads, durably and atomically. */
export async function writeDocument(folder: string, document: JobDocument): Promise<void> {
  const file = join(folder, toFileName(document.job.id, '.json'));
  const temporary = `${file}.${process.pid}`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(JSON.stringify(document));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  const directory = await open(folder);
  await directory.sync().finally(() => directory.close());
}
