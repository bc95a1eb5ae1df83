import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, Log, MessageHandler, TrialMessage } from '@gradsmith/core/ports';
import { Worker } from 'bullmq';
import { Family } from './family.ts';
import type { Keys } from './keys.ts';
import { patientOptions, type RedisSettings } from './settings.ts';

/** While closing, how long to wait for Redis to hear that messages are finished, ms. */
const FAREWELL_MS = 2_000;

const DEFAULT_LOCK_MS = 30_000;

/**
 * Takes messages with a BullMQ worker.
 *
 * BullMQ gives a message to a second consumer when the first lost its lock: its process died, was stopped, or Redis was
 * away. That is harmless, because only the ledger decides who executes a trial: the second `begin` is refused. So the
 * lock may be short, and a stalled message is never failed for having stalled often.
 */
export class BullConsumer implements Consumer {
  readonly #connections: Family;
  readonly #worker: Worker<TrialMessage, void>;
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #log: Log;

  constructor(runtime: string, slots: number, handle: MessageHandler, settings: RedisSettings, keys: Keys, log: Log) {
    this.#log = log;
    this.#connections = new Family(patientOptions(settings), (error) =>
      log.debug({ err: error, runtime }, 'Redis connection of a consumer'),
    );
    const lockMs = settings.lockMs ?? DEFAULT_LOCK_MS;
    const process = (message: TrialMessage): Promise<void> => this.#handle(message, handle);
    this.#worker = new Worker<TrialMessage, void>(keys.queue(runtime), ({ data }) => process(data), {
      // BullMQ copies it for its blocking commands; both wait for Redis without a limit, or an outage would turn a
      // finished message into a failed one.
      connection: this.#connections.head,
      prefix: keys.queues,
      concurrency: slots,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      runRetryDelay: 1_000,
      skipVersionCheck: true,
    });
    this.#worker.on('error', (error) => log.debug({ err: error, runtime }, 'BullMQ worker'));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const paused = this.#worker
      .pause()
      .catch((error: unknown) => this.#log.debug({ err: error }, 'BullMQ worker not paused'));
    await Promise.all(this.#running);
    await withinFarewell(paused);
    // Not the gentle close: with Redis away it never returns.
    await withinFarewell(this.#worker.close(true));
    this.#connections.end();
  }

  async #handle(message: TrialMessage, handle: MessageHandler): Promise<void> {
    // Taken in the moment of closing: finished unhandled, and offered again by the coordinator.
    if (this.#closing.signal.aborted) return;
    const running = handle(message, this.#closing.signal).catch((error: unknown) => {
      this.#log.error({ err: error, message: message.id }, 'the handler of a message failed');
    });
    this.#running.add(running);
    await running;
    this.#running.delete(running);
  }
}

async function withinFarewell(step: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([step, sleep(FAREWELL_MS, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
}
