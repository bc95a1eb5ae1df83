export { canonicalJson } from './canonical-json.ts';
export { durationSchema, milliseconds } from './duration.ts';
export {
  Conflict,
  CorruptRecord,
  describeProblem,
  GradsmithError,
  InvalidInput,
  LedgerUnavailable,
  NotFound,
  type Problem,
} from './errors.ts';
export { toProblems } from './to-problems.ts';

export { jobIdFor, jobIdPattern } from './job/id.ts';
export { budgetLeft } from './job/budget.ts';
export { rungsOf, type Pruning, type RungsRecord } from './job/pruning.ts';
export type { JobRecord, LeaseRecord } from './job/record.ts';
export { isPlainBackpropagation, objectiveOf, searchInputs } from './job/search.ts';
export type { KnownResult } from './job/known.ts';
export { completePoint, pointSchema } from './job/point.ts';
export { spaceOf } from './job/space.ts';
export {
  better,
  directionOf,
  isTraining,
  jobSchema,
  metricNameOf,
  parseJob,
  type JobInput,
  type JobSpec,
  type TrainingJob,
} from './job/spec.ts';
export { isActive, jobMoves, jobStates, nextJobState, type JobMove, type JobState } from './job/states.ts';

export {
  activationDerivative,
  activationExpression,
  activationNames,
  applyPoint,
  aulc,
  backwardExpression,
  bFunction,
  cappedLoss,
  datasetShape,
  derivativeCatalogue,
  derivativeExpression,
  evaluate,
  ExpressionError,
  lossCap,
  metricDirection,
  moduleNameSchema,
  moduleRuntime,
  parseExpression,
  partialAulc,
  planTraining,
  sampleBFunctions,
  searchables,
  trainingFlops,
  trainingObjectiveSchema,
  type ActivationLayer,
  type ActivationName,
  type Augmentation,
  type BackwardReplacement,
  type BatchNormLayer,
  type Bindings,
  type CatalogueEntry,
  type CatalogueName,
  type ConvLayer,
  type Dataset,
  type DenseLayer,
  type Derivative,
  type ExternalObjective,
  type DropoutLayer,
  type Expression,
  type FunctionName,
  type ImageDataset,
  type Initialization,
  type Layer,
  type LayerShape,
  type MetaNetwork,
  type Metric,
  type ModuleObjective,
  type Network,
  type NetworkShape,
  type PoolLayer,
  type SampledBFunction,
  type Schedule,
  type Searchable,
  type Shape,
  type TrainingObjective,
  type TrainingObjectiveInput,
  type TrainingOptimizer,
  type TrainingPlan,
  type Transpose,
} from './objective/index.ts';

export {
  currentAttempt,
  type Attempt,
  type Progress,
  type TrialRecord,
  type TrialRole,
  type TrialSource,
} from './trial/record.ts';
export {
  decodeCurve,
  encodeCurve,
  fitsCurve,
  LONGEST_CURVE,
  trialResultSchema,
  type TrialResult,
} from './trial/result.ts';
export { compareValues } from './trial/order.ts';
export { isSettled, nextTrialState, trialMoves, trialStates, type TrialMove, type TrialState } from './trial/states.ts';

export { decodeRecord, encodeRecord, fields, SCHEMA_VERSION } from './ledger/fields.ts';
export {
  expire,
  issue,
  lease,
  moveJob,
  surrender,
  type Fenced,
  type IssueAnswer,
  type LeaseAnswer,
  type NewTrial,
} from './ledger/issuing.ts';
export { createJob, deleteJob, extendJob, invalidateTrial, steerJob } from './ledger/jobs.ts';
export { ask, type AskAnswer } from './ledger/asking.ts';
export { cloneJob, cloneRequestSchema, type Cloned, type CloneInput, type CloneRequest } from './ledger/clone.ts';
export { enqueuePoint, retryTrial } from './ledger/enqueue.ts';
export { settleNotice, takeNotice, type Notice, type NoticeOutcome } from './ledger/notices.ts';
export type { Enqueued, EnqueuedPoint, QueueRecord } from './ledger/queue.ts';
export { Ledger, type JobView } from './ledger/ledger.ts';
export {
  begin,
  digestOf,
  fail,
  heartbeat,
  release,
  tell,
  type AttemptRef,
  type BeginAnswer,
  type Executor,
  type HeartbeatAnswer,
  type TellAnswer,
  type Timing,
} from './ledger/protocol.ts';
export { retireJobs, type RetirePolicy } from './ledger/retire.ts';
export type { LedgerStore, StoreChange } from './ledger/store.ts';

export type { Clock } from './ports/clock.ts';
export {
  toMessage,
  type Consumer,
  type Dispatcher,
  type MessageHandler,
  type TrialMessage,
} from './ports/dispatcher.ts';
export type { Log } from './ports/log.ts';
export type { Signals } from './ports/signals.ts';
export type { Suggester } from './ports/suggester.ts';
export { JOB_SPAN, noTracer, trialSpan, type SpanPlace, type Tracer } from './ports/tracer.ts';
export {
  TrainerFailed,
  type ModuleCall,
  type Trainer,
  type TrainerFailure,
  type TrainingHooks,
  type TrainingRequest,
} from './ports/trainer.ts';
export type { WorkerInfo, WorkerRegistry } from './ports/workers.ts';

export { advance, type Advance, type CoordinatorDeps, type Round } from './coordinate/advance.ts';
export { observationsAt } from './coordinate/observations.ts';
export { confirmId, confirmSeed, nextStep, ranking, REFERENCE_ID, type Step } from './coordinate/plan.ts';
export { replay, type ReplayedTrial } from './coordinate/replay.ts';
export { MODULE, OUTSIDE, routeFor, Slots } from './coordinate/route.ts';
export { runCoordinator, type RunCoordinatorDeps } from './coordinate/run-coordinator.ts';
export { executeTrial, type Executed, type ExecutorDeps } from './execute/execute-trial.ts';

export { parameterImportance } from './report/importance.ts';
export { confirmedGains, meanInterval, searchGain, type ConfirmedGain } from './report/gain.ts';

export {
  askAnswerSchema,
  askRequestSchema,
  enqueuedSchema,
  enqueueRequestSchema,
  extendRequestSchema,
  failAnswerSchema,
  failRequestSchema,
  heartbeatAnswerSchema,
  heartbeatRequestSchema,
  invalidateRequestSchema,
  releaseAnswerSchema,
  releaseRequestSchema,
  tellAnswerSchema,
  tellRequestSchema,
  type AskedTrial,
  type AskRequest,
  type EnqueuedResource,
  type HeartbeatRequest,
  type TellRequest,
} from './http/requests.ts';
export { catalogueSchema, describeCatalogue, type Catalogue } from './http/catalogue.ts';
export {
  bFunctionsSchema,
  importanceSchema,
  jobResourceSchema,
  jobStatusSchema,
  jobSummarySchema,
  pageOf,
  problemDetailsSchema,
  trialResourceSchema,
  workerResourceSchema,
  type JobResource,
  type JobStatus,
  type JobSummary,
  type ParameterImportance,
  type ProblemDetails,
  type TrialResource,
  type WorkerResource,
} from './http/resources.ts';
export { exportJob, jobDocumentSchema, type JobDocument } from './http/document.ts';
export { importJob } from './http/import.ts';
export { jobMatches, labelPattern, type JobFilter } from './http/job-filter.ts';
export {
  readStatus,
  statusOf,
  statusTag,
  toSummary,
  toTrialResource,
  toWorkerResource,
  workersOf,
} from './http/views.ts';
