import type { Snapshot } from './snapshot.ts';

/** Shows a job while it runs. */
export interface View {
  /** Running trials and workers are shown too. */
  readonly withProgress: boolean;
  update(snapshot: Snapshot): void;
  /** Shows why the host is not reached; null: it answers again. */
  trouble(message: string | null): void;
  /** Shows what is being waited for before the first trial; null: nothing any more. */
  activity(text: string | null): void;
  /** Ends the view, and leaves what stays on the terminal. */
  close(): void;
}
