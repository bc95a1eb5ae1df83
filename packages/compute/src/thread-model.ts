import type { ModelDescription } from '@gradsmith/bayesopt';
import { ThreadCache } from './thread-cache.ts';
import type { ImportanceInput } from './thread-importance.ts';

export interface ModelInput extends ImportanceInput {
  /** Names of the parameters of the grid; null: those that matter most. */
  pair: readonly [x: string, y: string] | null;
}

/** Describes the model that is fitted to a job's trials in a worker thread and caches it until the job changes. */
export class ThreadModel {
  readonly #cache = new ThreadCache<ModelInput, ModelDescription>({
    what: 'the model',
    body: new URL('model-thread.ts', import.meta.url),
  });

  /** @throws Busy if too many fits are open, of this job or of all */
  async describe(input: ModelInput): Promise<ModelDescription> {
    const { id: jobId, seq } = input.job;
    return this.#cache.compute({ jobId, seq, part: JSON.stringify(input.pair) }, input);
  }

  async close(): Promise<void> {
    await this.#cache.close();
  }
}
