export { Ledger, type JobView } from './ledger.ts';
export { decodeRecord, fields } from './records.ts';
export type { LedgerStore, StoreChange } from './store.ts';
export type { Fenced } from './fence.ts';
