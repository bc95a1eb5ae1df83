import type { Ledger } from '@gradsmith/core/ledger';
import type { Signals, Tracer, WorkerRegistry } from '@gradsmith/core/ports';
import type { QueueSource } from './admin/queues.ts';
import type { Watch } from './events/watch.ts';
import type { ApiSettings } from './settings.ts';

/** Dependencies of the routes. */
export interface ApiDeps {
  ledger: Ledger;
  workers: WorkerRegistry;
  signals: Signals;
  tracer?: Tracer | undefined;
  /** Names of queues to their BullMQ queues; absent: none are shown. */
  queues?: QueueSource | undefined;
}

export interface RouteDeps extends ApiDeps {
  settings: ApiSettings;
  watch: Watch;
  tracer: Tracer;
}
