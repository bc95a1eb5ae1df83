import type { Consumer, Dispatcher, Log, MessageHandler, TrialMessage } from '@gradsmith/core/ports';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { BullConsumer } from './consumer.ts';
import type { Keys } from './keys.ts';
import type { Link } from './link.ts';
import type { RedisSettings } from './settings.ts';

/** Number of events that BullMQ keeps per queue. Nothing reads them: progress is in the ledger. */
const KEPT_EVENTS = 10;

/** States in which BullMQ will still deliver a message. */
const queued = new Set(['waiting', 'prioritized', 'delayed']);

/**
 * Sends messages through BullMQ: one queue for each set of workers that can run the same trials. Finished messages are
 * removed.
 */
export class BullDispatcher implements Dispatcher {
  readonly #link: Link;
  readonly #settings: RedisSettings;
  readonly #keys: Keys;
  readonly #log: Log;
  readonly #queues = new Map<string, Queue<TrialMessage, void>>();
  readonly #consumers = new Set<Consumer>();

  constructor(link: Link, settings: RedisSettings, keys: Keys, log: Log) {
    this.#link = link;
    this.#settings = settings;
    this.#keys = keys;
    this.#log = log;
  }

  async send(message: TrialMessage): Promise<void> {
    const options = { jobId: this.#keys.message(message.id), removeOnComplete: true, removeOnFail: true };
    // BullMQ ignores an id that exists.
    await this.#link.run((client) => this.#queue(client, message.queue).add('trial', message, options));
  }

  async findMissing(messages: readonly TrialMessage[]): Promise<TrialMessage[]> {
    const absent = await Promise.all(messages.map((message) => this.#isMissing(message)));
    return messages.filter((_, i) => absent[i]);
  }

  /** BullMQ's queues with these names, for inspection. */
  async queues(names: readonly string[]): Promise<Queue[]> {
    return this.#link.run(async (client) => names.map((name) => this.#queue(client, name)));
  }

  consume(queue: string, slots: number, handle: MessageHandler): Consumer {
    const consumer = new BullConsumer(queue, slots, handle, this.#settings, this.#keys, this.#log);
    this.#consumers.add(consumer);
    return {
      close: async () => {
        await consumer.close();
        this.#consumers.delete(consumer);
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    this.#consumers.clear();
    // The queues share the link's connection, which its owner closes.
    for (const queue of this.#queues.values()) await queue.close();
    this.#queues.clear();
  }

  async #isMissing({ id, queue }: TrialMessage): Promise<boolean> {
    const messageId = this.#keys.message(id);
    const state = await this.#link.run((client) => this.#queue(client, queue).getJobState(messageId));
    if (queued.has(state)) return false;
    if (state === 'active' && (await this.#isLocked(queue, messageId))) return false;
    // Removes remains of the message, which would make `send` do nothing. A crash can also tear BullMQ's writes, see
    // `sealLog`.
    await this.#link.run((client) => this.#queue(client, queue).remove(messageId));
    return true;
  }

  /** Returns false if the consumer of the message was silent for longer than its lock. */
  async #isLocked(queue: string, messageId: string): Promise<boolean> {
    return this.#link.run(
      async (client) => (await client.exists(`${this.#queue(client, queue).toKey(messageId)}:lock`)) === 1,
    );
  }

  #queue(client: Redis, name: string): Queue<TrialMessage, void> {
    const known = this.#queues.get(name);
    if (known) return known;
    const queue = new Queue<TrialMessage, void>(this.#keys.queue(name), {
      connection: client,
      prefix: this.#keys.queues,
      streams: { events: { maxLen: KEPT_EVENTS } },
      skipWaitingForReady: true,
      skipVersionCheck: true,
    });
    queue.on('error', (error) => this.#log.debug({ err: error, queue: name }, 'BullMQ queue'));
    this.#queues.set(name, queue);
    return queue;
  }
}
