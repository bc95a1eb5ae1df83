/** A hint that a trial waits to be executed. Losing one delays work, never loses it (property 1). */
export interface TrialMessage {
  /** `<job>-<trial>-<dispatch>`. */
  id: string;
  jobId: string;
  trialId: string;
  /** Runtime (see `JobRecord.runtime`) an executor must have. */
  runtime: string;
}

/** Carries messages from coordinators to workers. */
export interface Dispatcher {
  /** Queues the message; while one with its id is queued or handled, nothing happens. */
  send(message: TrialMessage): Promise<void>;
  /** Those of the messages that are neither queued nor being handled: they must be offered again. */
  findMissing(messages: readonly TrialMessage[]): Promise<TrialMessage[]>;
  /** Takes messages of one route, at most `slots` at a time. A finished message leaves no trace. */
  consume(route: string, slots: number, handle: MessageHandler): Consumer;
  close(): Promise<void>;
}

/** Settles when the trial's attempt is over, however it ended. Aborted when the consumer closes. */
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
