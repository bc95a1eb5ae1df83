import type { Ledger, Signals, Tracer, WorkerRegistry } from '@gradsmith/core';
import type { Watch } from './events/watch.ts';
import type { ApiSettings } from './settings.ts';

/** What the routes work on. */
export interface ApiDeps {
  ledger: Ledger;
  workers: WorkerRegistry;
  signals: Signals;
  tracer?: Tracer | undefined;
}

export interface RouteDeps extends ApiDeps {
  settings: ApiSettings;
  watch: Watch;
  tracer: Tracer;
}
