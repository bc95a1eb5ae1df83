import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger } from '@gradsmith/core/ledger';
import { SqliteStore } from '@gradsmith/embedded';
import { makeFolder } from '@gradsmith/training/make-folder';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

export const LEDGER_FILE = 'ledger.sqlite';

/** Opens the embedded ledger in a folder, and creates it if it is missing. */
export async function openLedger(dataDir: string): Promise<Ledger> {
  makeFolder(dataDir);
  if (!statSync(dataDir).isDirectory())
    throw new Failure(exitCodes.usage, 'no-folder', `${dataDir} is a file; --data names the folder of a ledger.`);
  return new Ledger(await SqliteStore.open({ file: join(dataDir, LEDGER_FILE) }));
}
