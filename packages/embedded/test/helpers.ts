import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreBacking } from '@gradsmith/testing';
import { SqliteStore } from '../src/index.ts';

/** Creates a ledger file in a new folder. */
export async function sqliteFile(): Promise<StoreBacking & { file: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-sqlite-'));
  const file = join(folder, 'ledger.sqlite');
  return {
    file,
    open: () => SqliteStore.open({ file }),
    dispose: async () => rmSync(folder, { recursive: true }),
  };
}
