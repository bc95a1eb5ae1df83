/** A hint that a trial is pending. Losing one delays work and never loses it (invariant 1). */
export interface TrialMessage {
  /** `<job>-<trial>-<dispatch>`. */
  id: string;
  jobId: string;
  trialId: string;
  /** See `getQueue`. */
  queue: string;
}

/** Carries messages from coordinators to workers. */
export interface Dispatcher {
  /** Queues the message. Does nothing while one with its id is queued or handled. */
  send(message: TrialMessage): Promise<void>;
  /** Returns the messages that are neither queued nor handled, which must be sent again. */
  findMissing(messages: readonly TrialMessage[]): Promise<TrialMessage[]>;
  /** Consumes the messages of one queue, at most `slots` at a time. A finished message is removed. */
  consume(queue: string, slots: number, handle: MessageHandler): Consumer;
  close(): Promise<void>;
}

/** Resolves when the trial's attempt has finished. The signal aborts when the consumer closes. */
export type MessageHandler = (message: TrialMessage, signal: AbortSignal) => Promise<void>;

export interface Consumer {
  /** Takes no more messages, aborts those being handled and waits for their handlers. */
  close(): Promise<void>;
}

export function createTrialMessage(
  jobId: string,
  trial: { id: string; dispatch: number },
  queue: string,
): TrialMessage {
  return { id: `${jobId}-${trial.id}-${trial.dispatch}`, jobId, trialId: trial.id, queue };
}

/**
 * Returns the queue of workers with this runtime (see `JobRecord.runtime`) and these labels. Workers of one queue can
 * run the same trials, so a message never reaches a worker that may not run it.
 */
export function getQueue({
  runtime,
  labels = [],
}: {
  runtime: string;
  labels?: readonly string[] | undefined;
}): string {
  return labels.length ? `${runtime} +${labels.join(',')}` : runtime;
}
