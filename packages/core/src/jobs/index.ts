export { chooseJobId } from './choose-job-id.ts';
export { cloneJob, cloneRequestSchema, type CloneInput } from './clone-job.ts';
export { countExpectedExtras } from './count-expected-extras.ts';
export { countWantedSlots, findWorkerKind, type WorkerKind } from './count-wanted-slots.ts';
export { createJob } from './create-job.ts';
export { exportJob } from './export-job.ts';
export { streamJobDocument } from './stream-job-document.ts';
export { importJob, insertImport, prepareImport, type PreparedImport } from './import-job.ts';
export type { JobFilter } from '../ledger/job-index.ts';
export { completeIdStart, idStartPattern, labelPattern } from './job-filter.ts';
export { retireJobs } from './retire-jobs.ts';
export { deleteJob } from './delete-job.ts';
export { editJob, jobChangesSchema, type JobChanges } from './edit-job.ts';
export { extendJob } from './extend-job.ts';
export { steerJob } from './steer-job.ts';
export { type JobDocument, jobDocumentSchema } from './job-document.ts';
export {
  MODULE_BACKEND,
  chooseQueues,
  chooseRuntime,
  findLacking,
  listAbleWorkers,
  type WorkerOffer,
} from './choose-runtime.ts';
export {
  countWorkers,
  describeJob,
  readJobStatus,
  summarizeJob,
  type JobStatusData,
  type JobSummaryData,
} from './read-job-status.ts';
export { acquireJobLease, releaseJobLease } from './job-lease.ts';
export { describeBaselines, type BaselineStatus } from './describe-baselines.ts';
export { listValidationGains, validationMetrics } from './validation-gains.ts';
export { advanceJobState } from './advance-job-state.ts';
export { upgradeDocument } from './job-document.ts';
export { jobSorts, listJobs, type JobQuery, type JobSort } from './list-jobs.ts';
