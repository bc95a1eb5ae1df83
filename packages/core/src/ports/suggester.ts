import type { PointDesign, Suggestion, SuggestInput } from '@gradsmith/bayesopt';

/** A suggestion could not be computed: the optimizer threw, its thread exited, or it reached the time limit. */
export class SuggestionFailed extends Error {
  override readonly name = 'SuggestionFailed';
}

/** Computes suggestions off the caller's event loop, so that a long fit cannot cost a lease. */
export interface Suggester {
  /**
   * Resolves to suggestions for trial `input.number` and those after it: at least one, at most `count`, each computed
   * as if the trials before it were pending. A slow job does not hold up the suggestions of others.
   *
   * @throws SuggestionFailed if there is none; its message is recorded with the trial or the job
   */
  suggest(jobId: string, input: SuggestInput, count: number): Promise<readonly Suggestion[]>;
  /** Returns a design that needs neither the history nor a thread; null if the algorithm needs one of them. */
  createDesign?(input: Pick<SuggestInput, 'space' | 'settings'>): PointDesign | null;
  /** Recorded with each suggestion: the versions that must be equal for the same bits. */
  readonly versions: Record<string, string>;
  close(): Promise<void>;
}
