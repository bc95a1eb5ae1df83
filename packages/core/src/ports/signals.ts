/** Wakes those who wait for a job to change. A lost signal delays work until the next periodic look, no more. */
export interface Signals {
  publish(jobId: string): void;
  /** Returns the way to stop listening. */
  subscribe(listener: (jobId: string) => void): () => void;
  close(): Promise<void>;
}
