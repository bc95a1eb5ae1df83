import type { Suggestion, SuggestInput } from '@gradsmith/bayesopt';
import type { Suggester } from '@gradsmith/core/ports';
import { ThreadClient } from './thread-client.ts';
import { versions } from './versions.ts';

/** Computes suggestions in a worker thread, so that a long fit never blocks the event loop that renews leases. */
export class ThreadSuggester implements Suggester {
  readonly versions = versions;
  readonly #client = new ThreadClient<SuggestInput, Suggestion>({
    what: 'a suggestion',
    body: new URL('suggest-thread.ts', import.meta.url),
  });

  async suggest(input: SuggestInput): Promise<Suggestion> {
    return this.#client.call(input);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
