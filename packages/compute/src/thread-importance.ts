import type { Importance } from '@gradsmith/bayesopt';
import type { JobRecord, TrialRecord } from '@gradsmith/core/domain';
import type { JobSpec } from '@gradsmith/core/spec';
import { ThreadCache } from './thread-cache.ts';

export interface ImportanceInput {
  spec: JobSpec;
  job: JobRecord;
  trials: readonly TrialRecord[];
}

/** Computes parameter importance in a worker thread and caches it until the job changes. */
export class ThreadImportance {
  readonly #cache = new ThreadCache<ImportanceInput, Importance[]>({
    what: 'the importance of parameters',
    body: new URL('importance-thread.ts', import.meta.url),
  });

  /**
   * Returns the parameters, most important first.
   *
   * @throws Busy if too many jobs wait for their fit
   */
  async measure(input: ImportanceInput): Promise<Importance[]> {
    const { id: jobId, seq } = input.job;
    return this.#cache.compute({ jobId, seq }, input);
  }

  async close(): Promise<void> {
    await this.#cache.close();
  }
}
