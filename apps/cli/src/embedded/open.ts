import { join } from 'node:path';
import { Ledger } from '@gradsmith/core/ledger';
import { SqliteStore } from '@gradsmith/embedded';
import { makeFolder } from '@gradsmith/training/make-folder';

export const LEDGER_FILE = 'ledger.sqlite';

/** Opens the embedded ledger in a folder, and creates it if it is missing. */
export async function openLedger(dataDir: string): Promise<Ledger> {
  makeFolder(dataDir);
  return new Ledger(await SqliteStore.open({ file: join(dataDir, LEDGER_FILE) }));
}
