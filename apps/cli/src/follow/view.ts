import type { Snapshot } from './snapshot.ts';

/** Shows a job while it runs. */
export interface View {
  /** Running trials and workers are shown too. */
  readonly withProgress: boolean;
  update(snapshot: Snapshot): void;
  /** The host cannot be asked at the moment; null: it answers again. */
  trouble(message: string | null): void;
  /** Leaves what is to stay. */
  close(): void;
}
