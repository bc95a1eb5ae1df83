import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, Log, MessageHandler, TrialMessage } from '@gradsmith/core/ports';
import { Worker } from 'bullmq';
import { Family } from './family.ts';
import type { Keys } from './keys.ts';
import { patientOptions, type RedisSettings } from './settings.ts';

/** How long closing waits until Redis knows which messages are finished, ms. */
const CLOSE_MS = 2_000;

const DEFAULT_LOCK_MS = 30_000;

/**
 * Slots of one BullMQ worker, at most. It fetches one message after the other: with 256 slots, the last message of a
 * full set came a quarter of a second after the first.
 */
const SLOTS_EACH = 32;

/**
 * Consumes messages with BullMQ workers, as many as the slots need.
 *
 * BullMQ gives a message to a second consumer if the first lost its lock: its process died or was stopped, or Redis was
 * unavailable. This is harmless, because only the ledger decides who executes a trial: it refuses the second start. So
 * the lock can be short, and a message never fails because it stalled.
 */
export class BullConsumer implements Consumer {
  readonly #connections: Family;
  readonly #workers: readonly Worker<TrialMessage, void>[];
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #log: Log;

  constructor(queue: string, slots: number, handle: MessageHandler, settings: RedisSettings, keys: Keys, log: Log) {
    this.#log = log;
    this.#connections = new Family(patientOptions(settings), (error) =>
      log.debug({ err: error, queue }, 'Redis connection of a consumer'),
    );
    const lockMs = settings.lockMs ?? DEFAULT_LOCK_MS;
    const process = (message: TrialMessage): Promise<void> => this.#handle(message, handle);
    this.#workers = shareOut(slots).map((concurrency) => {
      const worker = new Worker<TrialMessage, void>(keys.queue(queue), ({ data }) => process(data), {
        // BullMQ copies this connection for its blocking commands. Both wait for Redis without a limit. Otherwise an
        // outage would turn a finished message into a failed one.
        connection: this.#connections.head,
        prefix: keys.queues,
        concurrency,
        lockDuration: lockMs,
        stalledInterval: lockMs / 2,
        maxStalledCount: Number.MAX_SAFE_INTEGER,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
        runRetryDelay: 1_000,
        skipVersionCheck: true,
      });
      worker.on('error', (error) => log.debug({ err: error, queue }, 'BullMQ worker'));
      return worker;
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const pause = async (worker: Worker): Promise<void> =>
      worker.pause().catch((error: unknown) => this.#log.debug({ err: error }, 'BullMQ worker not paused'));
    const paused = Promise.all(this.#workers.map(pause));
    await Promise.all(this.#running);
    await withinCloseTime(paused);
    // Not BullMQ's graceful close, which never returns while Redis is unavailable.
    await withinCloseTime(Promise.all(this.#workers.map((worker) => worker.close(true))));
    this.#connections.end();
  }

  async #handle(message: TrialMessage, handle: MessageHandler): Promise<void> {
    // Received during closing. The message is finished without handling, and the coordinator sends it again.
    if (this.#closing.signal.aborted) return;
    const running = handle(message, this.#closing.signal).catch((error: unknown) => {
      this.#log.error({ err: error, message: message.id }, 'the handler of a message failed');
    });
    this.#running.add(running);
    await running;
    this.#running.delete(running);
  }
}

/** Shares the slots out to as few BullMQ workers as possible, equally up to one slot. */
function shareOut(slots: number): number[] {
  const count = Math.ceil(slots / SLOTS_EACH);
  return Array.from({ length: count }, (_, i) => Math.floor((slots + i) / count));
}

async function withinCloseTime(step: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([step, sleep(CLOSE_MS, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
}
