import type { Suggestion, SuggestInput } from '@gradsmith/bayesopt';

/** Computes suggestions off the caller's event loop, so that a long fit cannot cost a lease. */
export interface Suggester {
  suggest(input: SuggestInput): Promise<Suggestion>;
  /** Recorded with each suggestion: the versions that must be equal for the same bits. */
  readonly versions: Record<string, string>;
  close(): Promise<void>;
}
