import { isPointDesign, PointDesign, type Suggestion, type SuggestInput } from '@gradsmith/bayesopt';
import { SuggestionFailed, type Suggester } from '@gradsmith/core/ports';
import { ComputationFailed, ThreadPool, type ThreadSettings } from './thread-pool.ts';
import { versions } from './versions.ts';

/** Time limit of a suggestion, ms: about a hundred times the time of the largest usual model. */
const LIMIT_MS = 60_000;

export interface SuggestionRequest {
  input: SuggestInput;
  /** Suggestions wanted, at most. */
  count: number;
}

/**
 * Computes suggestions in worker threads, so that a long fit blocks neither the event loop that renews leases nor the
 * suggestions of other jobs.
 */
export class ThreadSuggester implements Suggester {
  readonly versions = versions;
  readonly #pool: ThreadPool<SuggestionRequest, Suggestion[]>;

  constructor(settings: Partial<Omit<ThreadSettings, 'what'>> = {}) {
    const body = new URL('suggest-thread.ts', import.meta.url);
    this.#pool = new ThreadPool({ what: 'a suggestion', body, limitMs: LIMIT_MS, ...settings });
  }

  async suggest(jobId: string, input: SuggestInput, count: number): Promise<Suggestion[]> {
    try {
      return await this.#pool.call(jobId, { input, count });
    } catch (error) {
      if (!(error instanceof ComputationFailed)) throw error;
      // The first line is the recorded reason; the cause keeps the stack.
      throw new SuggestionFailed(error.message.split('\n')[0]!, { cause: error });
    }
  }

  /** An invalid input has no design: the thread refuses it with the reason. */
  createDesign(input: Pick<SuggestInput, 'space' | 'settings'>): PointDesign | null {
    try {
      return isPointDesign(input.settings) ? new PointDesign(input) : null;
    } catch {
      return null;
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
