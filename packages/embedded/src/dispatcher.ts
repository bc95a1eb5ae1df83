import type { Consumer, Dispatcher, Log, MessageHandler, TrialMessage } from '@gradsmith/core/ports';

/** Sends messages within one process. They are lost when it exits, and the next coordinator sends them again. */
export class LocalDispatcher implements Dispatcher {
  readonly #log: Log;
  /** Queued and handled messages by id, in the order in which they were sent. */
  readonly #messages = new Map<string, TrialMessage>();
  readonly #handled = new Set<string>();
  readonly #consumers = new Set<LocalConsumer>();

  constructor(log: Log) {
    this.#log = log;
  }

  async send(message: TrialMessage): Promise<void> {
    if (this.#messages.has(message.id)) return;
    this.#messages.set(message.id, message);
    this.#hand();
  }

  async findMissing(messages: readonly TrialMessage[]): Promise<TrialMessage[]> {
    return messages.filter(({ id }) => !this.#messages.has(id));
  }

  consume(queue: string, slots: number, handle: MessageHandler): Consumer {
    const consumer = new LocalConsumer(queue, slots, handle, () => this.#consumers.delete(consumer));
    this.#consumers.add(consumer);
    this.#hand();
    return consumer;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
  }

  #hand(): void {
    for (const message of this.#messages.values()) {
      if (this.#handled.has(message.id)) continue;
      const consumer = [...this.#consumers].find((one) => one.takes(message.queue));
      if (!consumer) continue;
      // Takes turns: a consumer that declines a message leaves it to the next one.
      this.#consumers.delete(consumer);
      this.#consumers.add(consumer);
      this.#run(consumer, message);
    }
  }

  #run(consumer: LocalConsumer, message: TrialMessage): void {
    this.#handled.add(message.id);
    void consumer
      .handle(message)
      .catch((error: unknown) =>
        this.#log.error({ err: error, message: message.id }, 'the handler of a message failed'),
      )
      .finally(() => {
        this.#handled.delete(message.id);
        this.#messages.delete(message.id);
        this.#hand();
      });
  }
}

class LocalConsumer implements Consumer {
  readonly #queue: string;
  readonly #slots: number;
  readonly #handle: MessageHandler;
  readonly #leave: () => void;
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(queue: string, slots: number, handle: MessageHandler, leave: () => void) {
    this.#queue = queue;
    this.#slots = slots;
    this.#handle = handle;
    this.#leave = leave;
  }

  takes(queue: string): boolean {
    return queue === this.#queue && this.#running.size < this.#slots && !this.#closing.signal.aborted;
  }

  async handle(message: TrialMessage): Promise<void> {
    const running = (async () => this.#handle(message, this.#closing.signal))();
    this.#running.add(running);
    try {
      await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#leave();
    await Promise.allSettled(this.#running);
  }
}
