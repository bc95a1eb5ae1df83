export { Ledger, type CommitCounts } from './ledger.ts';
export type { JobView } from './job-view.ts';
export { decodeRecord, fields } from './records.ts';
export {
  compareJobPositions,
  getJobPosition,
  listLabelFilters,
  matchesJobFilter,
  selectJobs,
  type FindQuery,
  type FoundJobs,
  type IndexedJob,
  type JobFilter,
  type JobNames,
  type JobOrder,
  type JobPosition,
  type JobProgress,
  type JobSortKey,
} from './job-index.ts';
export type { IndexChange, LedgerStore, StoreChange, StoreRead } from './store.ts';
export type { Fenced } from './fence.ts';
