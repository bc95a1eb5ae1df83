import type { Gradsmith } from '@gradsmith/client';

export type OnOutcome = (failure: { error: unknown; retryMs?: number } | null) => void;

/** What a page gets to work with. */
export interface PageContext {
  readonly api: Gradsmith;
  /** The element that the page fills. */
  readonly root: HTMLElement;
  /** Aborted when another page takes over. */
  readonly signal: AbortSignal;
  /** Tells how the latest reading went, for the notice at the top; null: well. */
  readonly onOutcome: OnOutcome;
  /**
   * The same of what the person asked for, as its own notice: readings that go well leave it there; null with the next
   * that is asked for.
   */
  readonly onAction: OnOutcome;
  /** Job text to begin a new job with, handed from one page to the next. */
  readonly draft: { text: string | null };
}
