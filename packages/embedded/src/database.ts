import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CorruptRecord } from '@gradsmith/core/domain';

/** Written into the file's header (`PRAGMA application_id`), so that a foreign database is not taken for a ledger. */
const APPLICATION_ID = 0x67726164;
/** Version of the tables below. Records have versions of their own. */
const TABLES_VERSION = 1;

/** A wait for another writer blocks the event loop, so each one is short and `SqliteStore` repeats it. */
const BUSY_MS = 20;

const tables = `
  CREATE TABLE fields (
    job TEXT NOT NULL,
    field TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (job, field)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    active INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX jobs_by_age ON jobs (created_at DESC, id DESC);
  CREATE INDEX active_jobs_by_age ON jobs (created_at DESC, id DESC) WHERE active = 1;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${TABLES_VERSION};
`;

/**
 * Opens a ledger file, making it readable and writable for its owner only where it is new. Each commit reaches the disk
 * before it is acknowledged (synchronous = FULL); readers and a writer do not wait for each other (WAL).
 */
export function openDatabase(file: string): DatabaseSync {
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    // Before anything is written: a foreign database is left as it was.
    checkIdentity(database, file);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('BEGIN IMMEDIATE');
    if (readPragma(database, 'user_version') === 0) database.exec(tables);
    database.exec('COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkIdentity(database: DatabaseSync, file: string): void {
  const version = readPragma(database, 'user_version');
  const isNew = version === 0 && database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()!.n === 0;
  if (isNew) return;
  if (readPragma(database, 'application_id') !== APPLICATION_ID) {
    throw new CorruptRecord(`${file} is a database of another program; choose another file for the ledger`);
  }
  if (version !== TABLES_VERSION) {
    throw new CorruptRecord(
      `${file} has version ${version}; this program reads version ${TABLES_VERSION}. Run the version ` +
        `of Gradsmith that wrote it, or a newer one`,
    );
  }
}

function readPragma(database: DatabaseSync, name: string): number {
  return database.prepare(`PRAGMA ${name}`).get()![name] as number;
}
