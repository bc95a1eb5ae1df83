import { LedgerUnavailable } from '@gradsmith/core/domain';
import { type LedgerStore } from '@gradsmith/core/ledger';
import { type Dispatcher, type Log, type Signals, type WorkerRegistry } from '@gradsmith/core/ports';
import { BullDispatcher } from './dispatcher.ts';
import { UnfitRedis } from './errors.ts';
import { keysUnder } from './keys.ts';
import { RedisLeases } from './leases.ts';
import { Link } from './link.ts';
import type { RedisSettings } from './settings.ts';
import { RedisSignals } from './signals.ts';
import { RedisStore } from './store.ts';
import { RedisWorkerRegistry } from './workers.ts';

/** The ports of core over one Redis. */
export interface RedisPorts {
  store: LedgerStore;
  dispatcher: Dispatcher;
  workers: WorkerRegistry;
  signals: Signals;
  leases: RedisLeases;
  /** BullMQ's queues of these runtimes, for inspection. */
  queues: BullDispatcher['queues'];
  /** Closes all ports, within seconds even if Redis is unavailable. */
  close(): Promise<void>;
}

/**
 * Connects to the Redis that stores the ledger. If Redis is unavailable, this does not fail: every call is refused with
 * LedgerUnavailable until Redis is back and has been checked.
 *
 * @throws UnfitRedis if this Redis could lose acknowledged writes
 * @throws InvalidInput if the settings are invalid
 */
export async function connectRedis(settings: RedisSettings, log: Log): Promise<RedisPorts> {
  const keys = keysUnder(settings.prefix ?? 'gradsmith');
  const link = new Link(settings, keys, log);
  try {
    await link.ready();
  } catch (error) {
    if (error instanceof UnfitRedis || !(error instanceof LedgerUnavailable)) {
      link.close();
      throw error;
    }
    log.warn({ err: error }, 'Redis is away; everything that needs it is refused until it is back');
  }
  const store = new RedisStore(link, keys, log);
  const dispatcher = new BullDispatcher(link, settings, keys, log);
  const signals = new RedisSignals(link, settings, keys, log);
  return {
    store,
    dispatcher,
    workers: new RedisWorkerRegistry(link, keys),
    signals,
    leases: new RedisLeases(link, keys),
    queues: async (runtimes) => dispatcher.queues(runtimes),
    close: async () => {
      await dispatcher.close();
      await signals.close();
      await store.close();
    },
  };
}
