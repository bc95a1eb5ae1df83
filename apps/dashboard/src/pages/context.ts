import type { Gradsmith } from '@gradsmith/client';

export type OnOutcome = (failure: { error: unknown; retryMs?: number } | null) => void;

/** The input of a page. */
export interface PageContext {
  readonly api: Gradsmith;
  /** The element that the page fills. */
  readonly root: HTMLElement;
  /** Aborted when another page is opened. */
  readonly signal: AbortSignal;
  /** Shows the failure of the latest poll at the top; null: it succeeded. */
  readonly onOutcome: OnOutcome;
  /**
   * Shows the failure of the user's last action in its own message, which successful polls do not remove; null: the
   * next action starts.
   */
  readonly onAction: OnOutcome;
  /** Initial text for the new-job page, set by another page. */
  readonly draft: { text: string | null };
}
