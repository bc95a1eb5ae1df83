import { ComputationFailed, SLOW_NICE, ThreadPool } from '@gradsmith/compute';
import { Busy, InvalidInput, MalformedInput, type JobRecord, type Problem } from '@gradsmith/core/domain';
import type { PreparedImport } from '@gradsmith/core/jobs';
import type { JobSpec } from '@gradsmith/core/spec';
import { unpackRecords, type PackedRecords } from './packed-records.ts';

/** What the thread answers about a document: its records, or what is wrong with it. */
export type CheckedDocument =
  | { job: JobRecord; spec: JobSpec; records: PackedRecords }
  | { problems: Problem[]; what: string; isMalformed: boolean };

/** Time limit to parse and check a document, ms. */
const LIMIT_MS = 120_000;

/** Parses and checks documents in a worker thread. A document that needs too much memory ends the thread only. */
export class ThreadImporter {
  readonly #pool = new ThreadPool<SharedArrayBuffer, CheckedDocument>({
    what: 'the import',
    body: new URL('import-thread.ts', import.meta.url),
    threads: 1,
    // Waiting documents would take memory.
    maxOpen: 1,
    limitMs: LIMIT_MS,
    // Requests get the processors first.
    slowNice: SLOW_NICE,
  });

  /**
   * @throws InvalidInput for a document that is not valid
   * @throws Busy if it needs more time or memory than this service has
   */
  async prepare(body: Buffer): Promise<PreparedImport> {
    const shared = new SharedArrayBuffer(body.length);
    body.copy(Buffer.from(shared));
    const checked = await this.#check(shared);
    if ('problems' in checked) {
      const { problems, what, isMalformed } = checked;
      throw isMalformed ? new MalformedInput(problems, what) : new InvalidInput(problems, what);
    }
    return { job: checked.job, spec: checked.spec, writes: await unpackRecords(checked.records) };
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #check(body: SharedArrayBuffer): Promise<CheckedDocument> {
    try {
      return await this.#pool.call('import', body);
    } catch (error) {
      if (!(error instanceof ComputationFailed)) throw error;
      throw new Busy(`the document could not be checked (${error.message}); try again later`);
    }
  }
}
