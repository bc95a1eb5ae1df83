import type { Ledger, Signals, WorkerRegistry } from '@gradsmith/core';

/** What the routes work on. */
export interface ApiDeps {
  ledger: Ledger;
  workers: WorkerRegistry;
  signals: Signals;
}
