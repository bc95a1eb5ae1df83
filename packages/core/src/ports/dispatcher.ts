/** A hint that a trial is pending. Losing one delays work and never loses it (invariant 1). */
export interface TrialMessage {
  /** `<job>-<trial>-<dispatch>`. */
  id: string;
  jobId: string;
  trialId: string;
  /** Runtime that an executor must have, see `JobRecord.runtime`. */
  runtime: string;
}

/** Carries messages from coordinators to workers. */
export interface Dispatcher {
  /** Queues the message. Does nothing while one with its id is queued or handled. */
  send(message: TrialMessage): Promise<void>;
  /** Returns the messages that are neither queued nor handled, which must be sent again. */
  findMissing(messages: readonly TrialMessage[]): Promise<TrialMessage[]>;
  /** Consumes messages of one runtime, at most `slots` at a time. A finished message is removed. */
  consume(runtime: string, slots: number, handle: MessageHandler): Consumer;
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
  runtime: string,
): TrialMessage {
  return { id: `${jobId}-${trial.id}-${trial.dispatch}`, jobId, trialId: trial.id, runtime };
}
