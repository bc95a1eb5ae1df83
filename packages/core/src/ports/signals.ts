/** Wakes processes that wait for a job to change. A lost signal delays work until the next periodic look. */
export interface Signals {
  publish(jobId: string): void;
  /** Returns a function that unsubscribes. */
  subscribe(listener: (jobId: string) => void): () => void;
  close(): Promise<void>;
}
