export { Ledger, type CommitCounts, type JobView } from './ledger.ts';
export { decodeRecord, fields } from './records.ts';
export type { LedgerStore, StoreChange, StoreRead } from './store.ts';
export type { Fenced } from './fence.ts';
