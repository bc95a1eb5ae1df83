import {
  selectJobs,
  type FindQuery,
  type FoundJobs,
  type IndexChange,
  type IndexedJob,
  type LedgerStore,
  type StoreChange,
  type StoreRead,
} from '../../src/ledger/index.ts';

/** A ledger store in memory, with a clock that the test sets. Not durable: for tests of the domain alone. */
export class MemoryStore implements LedgerStore {
  now = 1_000_000;
  readonly #jobs = new Map<string, Map<string, string>>();
  readonly #index = new Map<string, IndexChange>();

  async read(jobId: string, fields: readonly string[]): Promise<StoreRead> {
    return { now: this.now, values: fields.map((field) => this.#jobs.get(jobId)?.get(field) ?? null) };
  }

  async commit(jobId: string, change: StoreChange): Promise<boolean> {
    return (await this.commitOrRead(jobId, change, [])) === null;
  }

  async commitOrRead(
    jobId: string,
    { expected, writes, index }: StoreChange,
    fields: readonly string[],
  ): Promise<StoreRead | null> {
    const job = this.#jobs.get(jobId) ?? new Map<string, string>();
    if (expected.some(([field, text]) => (job.get(field) ?? null) !== text)) return this.read(jobId, fields);
    for (const [field, text] of writes) job.set(field, text);
    this.#jobs.set(jobId, job);
    if (index) this.#index.set(jobId, this.#mergeIndex(jobId, index));
    return null;
  }

  #mergeIndex(jobId: string, { names, ...index }: IndexChange): IndexChange {
    const kept = index.progress ? (names ?? this.#index.get(jobId)?.names) : undefined;
    return kept ? { ...index, names: kept } : index;
  }

  async remove(jobId: string, expected?: readonly [field: string, text: string]): Promise<boolean> {
    if (expected && this.#jobs.get(jobId)?.get(expected[0]) !== expected[1]) return false;
    this.#jobs.delete(jobId);
    this.#index.delete(jobId);
    return true;
  }

  async *list({ pageSize, active }: { pageSize: number; active?: boolean }): AsyncGenerator<string[]> {
    const ids = [...this.#index]
      .filter(([, entry]) => !active || entry.active)
      .map(([id]) => id)
      .reverse();
    for (let from = 0; from < ids.length; from += pageSize) yield ids.slice(from, from + pageSize);
  }

  async find(query: FindQuery): Promise<FoundJobs> {
    const jobs = [...this.#index].flatMap(([id, { createdAt, names, progress }]): IndexedJob[] =>
      names && progress ? [{ id, createdAt, ...names, ...progress }] : [],
    );
    return selectJobs(jobs, query);
  }

  async *listUnnamed(): AsyncGenerator<string[]> {
    yield [...this.#index].filter(([, { names }]) => !names).map(([id]) => id);
  }

  async readSecret(): Promise<string> {
    return 'secret of the ledger in memory';
  }

  async check(): Promise<void> {}
  async close(): Promise<void> {}
}
