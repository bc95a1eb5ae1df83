import type { Api } from '../api.ts';

/** What a page gets to work with. */
export interface PageContext {
  readonly api: Api;
  /** The element that the page fills. */
  readonly root: HTMLElement;
  /** Aborted when another page takes over. */
  readonly signal: AbortSignal;
  /** Tells how a call went, for the notice at the top; null: well. */
  readonly onOutcome: (failure: { error: unknown; retryMs?: number } | null) => void;
  /** Job text to begin a new job with, handed from one page to the next. */
  readonly draft: { text: string | null };
}
