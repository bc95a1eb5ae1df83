import type { LedgerStore } from '@gradsmith/core/ledger';

/** Where the suites of the ledger get their storage. */
export interface Stage {
  /** The test's own connection. */
  readonly store: LedgerStore;
  /** Another connection to the same storage. */
  open(): Promise<LedgerStore>;
}
