export { catalogueSchema, describeCatalogue, type Catalogue } from './catalogue.ts';
export {
  askAnswerSchema,
  askManyAnswerSchema,
  askManyRequestSchema,
  askRequestSchema,
  enqueueRequestSchema,
  enqueuedSchema,
  extendRequestSchema,
  failAnswerSchema,
  failRequestSchema,
  heartbeatAnswerSchema,
  heartbeatRequestSchema,
  invalidateRequestSchema,
  releaseAnswerSchema,
  releaseRequestSchema,
  tellAnswerSchema,
  tellManyAnswerSchema,
  tellManyRequestSchema,
  tellRequestSchema,
  type AskRequest,
  type AskedTrial,
  type AskedTrials,
  type AskManyRequest,
  type StartedTrial,
  type TellManyRequest,
  type TellManyAnswer,
  type EnqueuedResource,
  type FailRequest,
  type HeartbeatRequest,
  type TellRequest,
} from './requests.ts';
export {
  bFunctionsSchema,
  curvesSchema,
  importanceSchema,
  modelSchema,
  type JobModel,
  type ParameterImportance,
  type TrialCurve,
} from './analysis-resources.ts';
export {
  jobPageSchema,
  jobResourceSchema,
  jobStatusSchema,
  jobSummarySchema,
  type JobPage,
  type JobResource,
  type JobStatus,
  type JobSummary,
} from './job-resources.ts';
export { problemDetailsSchema, type ProblemDetails } from './problem-details.ts';
export {
  trialChangesSchema,
  trialPageSchema,
  trialResourceSchema,
  trialDetailSchema,
  type TrialResource,
  type TrialDetail,
} from './trial-resources.ts';
export { workerResourceSchema, type WorkerResource } from './worker-resource.ts';
export {
  computeStatusTag,
  toBaseline,
  toJobResource,
  toJobStatus,
  toJobSummary,
  toTrialDetail,
  createTrialView,
  toTrialResource,
  toWorkerResource,
} from './views.ts';
export { formatTrialsCsv } from './csv.ts';
export { formatCurvesCsv, listCurveRows, listLastCurves, type CurveRow, type MeasuredJob } from './curves.ts';
export { toTrialRow, trialColumns, trialRowsSchema, type TrialRows } from './trial-rows.ts';
export { createFieldsParameter, listFields, selectFields, type FieldName, type Selected } from './fields.ts';
export {
  jobSelectionSchema,
  jobSummarySelectionSchema,
  trialDetailSelectionSchema,
  trialSelectionSchema,
} from './selections.ts';
