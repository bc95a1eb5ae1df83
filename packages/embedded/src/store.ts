import { randomBytes } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { LedgerUnavailable } from '@gradsmith/core/domain';
import {
  listLabelFilters,
  type FindQuery,
  type FoundJobs,
  type IndexChange,
  type LedgerStore,
  type StoreChange,
  type StoreRead,
} from '@gradsmith/core/ledger';
import { openDatabase } from './database.ts';
import { isBusy, toLedgerError } from './errors.ts';
import { findJobs } from './find-jobs.ts';

export interface SqliteSettings {
  /** The file. It is created if it does not exist, but not its folder. */
  file: string;
  /** Longest wait for other processes that write, in ms; then a call is refused. By default 5000. */
  timeoutMs?: number;
}

/** Row of `fields` that holds the secret. The job is none: no job has this id, and `jobs` does not list it. */
const SECRET = ['', 'secret'] as const;

/** Unnamed jobs that are read in one step. */
const UNNAMED_AT_ONCE = 200;
/** Pause before a retry while another process writes, ms. */
const RETRY_MS = 10;

/** Stores the ledger in one SQLite file, which several processes of a machine can share. */
export class SqliteStore implements LedgerStore {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #timeoutMs: number;
  readonly #statements: Statements;

  private constructor(database: DatabaseSync, { file, timeoutMs = 5_000 }: SqliteSettings) {
    this.#database = database;
    this.#file = file;
    this.#timeoutMs = timeoutMs;
    this.#statements = prepareStatements(database);
  }

  /**
   * Opens the store.
   *
   * @throws LedgerUnavailable if the file is locked, read-only or on a full disk
   * @throws CorruptRecord if the file is not a ledger
   */
  static async open(settings: SqliteSettings): Promise<SqliteStore> {
    const { file, timeoutMs = 5_000 } = settings;
    return retryWhileBusy(file, timeoutMs, () => new SqliteStore(openDatabase(file), settings));
  }

  async read(jobId: string, fields: readonly string[]): Promise<StoreRead> {
    return this.#patiently(() => this.#readFields(jobId, fields));
  }

  async commit(jobId: string, change: StoreChange): Promise<boolean> {
    return (await this.commitOrRead(jobId, change, [])) === null;
  }

  async commitOrRead(jobId: string, change: StoreChange, fields: readonly string[]): Promise<StoreRead | null> {
    let current: StoreRead | null = null;
    await this.#transaction(() => {
      const isMade = this.#applyChange(jobId, change);
      current = isMade ? null : this.#readFields(jobId, fields);
      return isMade;
    });
    return current;
  }

  /** Applies the change inside a transaction. Returns false if it was refused. */
  #applyChange(jobId: string, change: StoreChange): boolean {
    const { holds, knows, write } = this.#statements;
    for (const [field, text] of change.expected) {
      if (((holds.get(jobId, field)?.text as string | undefined) ?? null) !== text) return false;
    }
    // Only a change that lists the job may create a removed job again.
    if (!change.index && !knows.get(jobId)) return false;
    for (const [field, text] of change.writes) write.run(jobId, field, text);
    if (change.index) this.#list(jobId, change.index);
    return true;
  }

  /** Changes the rows of the index. */
  #list(jobId: string, { createdAt, active, progress, names }: IndexChange): void {
    const { list, rename, label, unlabel } = this.#statements;
    const { state = null, settled = null, best = null } = progress ?? {};
    list.run(jobId, createdAt, active ? 1 : 0, state, settled, best);
    if (!progress) rename.run(null, jobId);
    if (!names) return;
    rename.run(names.name, jobId);
    unlabel.run(jobId);
    for (const text of listLabelFilters(names.labels)) label.run(text, jobId);
  }

  #readFields(jobId: string, fields: readonly string[]): StoreRead {
    const rows = this.#statements.read.all(jobId, JSON.stringify(fields));
    const texts = new Map(rows.map(({ field, text }) => [field, text as string]));
    return { now: Date.now(), values: fields.map((field) => texts.get(field) ?? null) };
  }

  async remove(jobId: string, expected?: readonly [field: string, text: string]): Promise<boolean> {
    return this.#transaction(() => {
      if (expected && this.#statements.holds.get(jobId, expected[0])?.text !== expected[1]) return false;
      this.#statements.unlist.run(jobId);
      this.#statements.unlabel.run(jobId);
      this.#statements.erase.run(jobId);
      return true;
    });
  }

  async *list({ pageSize, active = false }: { pageSize: number; active?: boolean }): AsyncGenerator<string[]> {
    const { older, olderActive } = this.#statements;
    for (let createdAt = Infinity, id = ''; ;) {
      const last = [createdAt, id] as const;
      const rows = await this.#patiently(() => (active ? olderActive : older).all(...last, pageSize));
      if (rows.length) yield rows.map((row) => row.id as string);
      if (rows.length < pageSize) return;
      ({ created_at: createdAt, id } = rows.at(-1) as { created_at: number; id: string });
    }
  }

  async find(query: FindQuery): Promise<FoundJobs> {
    return this.#patiently(() => findJobs(this.#database, query));
  }

  async *listUnnamed(): AsyncGenerator<string[]> {
    for (let after = ''; ;) {
      const from = after;
      const rows = await this.#patiently(() => this.#statements.unnamed.all(from, UNNAMED_AT_ONCE));
      if (rows.length) yield rows.map(({ id }) => id as string);
      if (rows.length < UNNAMED_AT_ONCE) return;
      after = rows.at(-1)!.id as string;
    }
  }

  async readSecret(): Promise<string> {
    const { holds, write } = this.#statements;
    const read = (): string | undefined => holds.get(...SECRET)?.text as string | undefined;
    const present = await this.#patiently(read);
    if (present !== undefined) return present;
    await this.#transaction(() => {
      if (read() !== undefined) return false;
      write.run(...SECRET, randomBytes(32).toString('hex'));
      return true;
    });
    return (await this.#patiently(read))!;
  }

  async check(): Promise<void> {
    await this.#transaction(() => false);
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  /** Runs one durable step: applies all of `change` if it answers true, otherwise nothing. */
  async #transaction(change: () => boolean): Promise<boolean> {
    return this.#patiently(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const made = change();
        this.#database.exec(made ? 'COMMIT' : 'ROLLBACK');
        return made;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  async #patiently<T>(step: () => T): Promise<T> {
    if (!this.#database.isOpen) throw new LedgerUnavailable(`the ledger ${this.#file} was closed`);
    return retryWhileBusy(this.#file, this.#timeoutMs, step);
  }
}

/**
 * Repeats the step while another process writes, up to the time limit. Each step blocks the event loop, so each runs in
 * its own turn. Otherwise, a series of calls would delay timers, and with them the renewal of leases.
 */
async function retryWhileBusy<T>(file: string, timeoutMs: number, step: () => T): Promise<T> {
  const start = performance.now();
  await nextTurn();
  for (;;) {
    try {
      return step();
    } catch (error) {
      if (!isBusy(error) || performance.now() - start >= timeoutMs) throw toLedgerError(error, file);
    }
    await sleep(RETRY_MS);
  }
}

type Statements = Record<
  | 'read'
  | 'holds'
  | 'knows'
  | 'write'
  | 'list'
  | 'rename'
  | 'label'
  | 'unlabel'
  | 'unnamed'
  | 'unlist'
  | 'erase'
  | 'older'
  | 'olderActive',
  StatementSync
>;

function prepareStatements(database: DatabaseSync): Statements {
  const older = '(created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?';
  return {
    read: database.prepare(
      'SELECT field, text FROM fields WHERE job = ? AND field IN (SELECT value FROM json_each(?))',
    ),
    holds: database.prepare('SELECT text FROM fields WHERE job = ? AND field = ?'),
    knows: database.prepare('SELECT 1 FROM jobs WHERE id = ?'),
    write: database.prepare('INSERT INTO fields VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text'),
    list: database.prepare(
      'INSERT INTO jobs (id, created_at, active, state, settled, best) VALUES (?, ?, ?, ?, ?, ?) ' +
        'ON CONFLICT DO UPDATE SET created_at = excluded.created_at, active = excluded.active, ' +
        'state = excluded.state, settled = excluded.settled, best = excluded.best',
    ),
    rename: database.prepare('UPDATE jobs SET name = ? WHERE id = ?'),
    label: database.prepare('INSERT OR IGNORE INTO job_labels VALUES (?, ?)'),
    unlabel: database.prepare('DELETE FROM job_labels WHERE job = ?'),
    unnamed: database.prepare('SELECT id FROM jobs WHERE name IS NULL AND id > ? ORDER BY id LIMIT ?'),
    unlist: database.prepare('DELETE FROM jobs WHERE id = ?'),
    erase: database.prepare('DELETE FROM fields WHERE job = ?'),
    older: database.prepare(`SELECT id, created_at FROM jobs WHERE ${older}`),
    olderActive: database.prepare(`SELECT id, created_at FROM jobs WHERE active = 1 AND ${older}`),
  };
}
