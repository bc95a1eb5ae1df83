import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CorruptRecord } from '@gradsmith/core/domain';

/** Stored in the header of the file (`PRAGMA application_id`) to distinguish ledgers from other databases. */
const APPLICATION_ID = 0x67726164;
/** Version of the tables below. Records have separate versions. */
const TABLES_VERSION = 2;

/** Time to wait for another writer. It blocks the event loop, so it is short and `SqliteStore` repeats it. */
const BUSY_MS = 20;

/**
 * What lists of jobs are filtered and sorted by. `name` is null for a job that a program of version 1 wrote. `label` is
 * a key, or key and value with a colon between them: a job has both for each of its labels.
 */
const listing = `
  ALTER TABLE jobs ADD COLUMN name TEXT;
  ALTER TABLE jobs ADD COLUMN state TEXT;
  ALTER TABLE jobs ADD COLUMN settled INTEGER;
  ALTER TABLE jobs ADD COLUMN best REAL;
  CREATE TABLE job_labels (
    label TEXT NOT NULL,
    job TEXT NOT NULL,
    PRIMARY KEY (label, job)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX labels_of_job ON job_labels (job);
  CREATE INDEX jobs_by_name ON jobs (name, created_at DESC, id DESC);
  CREATE INDEX jobs_by_state ON jobs (state, created_at DESC, id DESC);
`;

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
  ${listing}
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${TABLES_VERSION};
`;

/**
 * Opens a ledger file, or creates it, readable and writable for its owner only. Each commit reaches the disk before it
 * is acknowledged (synchronous = FULL); readers and a writer do not wait for each other (WAL).
 */
export function openDatabase(file: string): DatabaseSync {
  if (!existsSync(file)) createLedgerFile(file);
  if (statSync(file).size === 0) {
    throw new CorruptRecord(
      `${file} is empty, so it is not a ledger; restore it from a back-up, or delete it to start a new ledger`,
    );
  }
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    // Before any write, so that another database stays unchanged.
    checkIdentity(database, file);
    upgradeTables(database);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Creates a ledger without jobs. It gets its name when it is complete, so that neither a crash nor another process that
 * opens it at the same time meets a part of it.
 */
function createLedgerFile(file: string): void {
  const draft = `${file}.${randomUUID()}.new`;
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    const database = new DatabaseSync(draft);
    try {
      database.exec(`PRAGMA synchronous = FULL; BEGIN IMMEDIATE; ${tables} COMMIT;`);
    } finally {
      database.close();
    }
    publishFile(draft, file);
  } finally {
    rmSync(draft, { force: true });
    rmSync(`${draft}-journal`, { force: true });
  }
}

/** Gives the draft its name, unless another process was first. */
function publishFile(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    // Some file systems have no links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    renameSync(draft, file);
  }
}

function checkIdentity(database: DatabaseSync, file: string): void {
  const version = readPragma(database, 'user_version');
  if (readPragma(database, 'application_id') !== APPLICATION_ID) {
    throw new CorruptRecord(`${file} is a database of another program; choose another file for the ledger`);
  }
  if (version < 1 || version > TABLES_VERSION) {
    throw new CorruptRecord(
      `${file} has version ${version}; this program reads version ${TABLES_VERSION}. Run the version ` +
        `of Gradsmith that wrote it, or a newer one`,
    );
  }
}

/** Adds what an older version did not have. The ledger names the jobs when it lists them for the first time. */
function upgradeTables(database: DatabaseSync): void {
  if (readPragma(database, 'user_version') === TABLES_VERSION) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have been first.
    const isOld = readPragma(database, 'user_version') !== TABLES_VERSION;
    database.exec(isOld ? `${listing} PRAGMA user_version = ${TABLES_VERSION}; COMMIT;` : 'ROLLBACK');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function readPragma(database: DatabaseSync, name: string): number {
  return database.prepare(`PRAGMA ${name}`).get()![name] as number;
}
