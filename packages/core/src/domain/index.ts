export { baselineNames, makeBaselineTrialId } from './baselines.ts';
export { budgetSchema, countSettled } from './budget.ts';
export { canonicalJson } from './canonical-json.ts';
export { classifyInterval } from './classify-interval.ts';
export { compareByValue } from './compare-by-value.ts';
export { compareTrialValues } from './compare-trial-values.ts';
export { createDurationSchema, durationSchema, formatDuration, milliseconds } from './duration.ts';
export {
  Busy,
  Conflict,
  CorruptRecord,
  GradsmithError,
  InvalidInput,
  MalformedInput,
  LedgerUnavailable,
  NotFound,
  describeProblem,
  type Problem,
} from './errors.ts';
export { computeConfirmedGains, computeGain, computeMeanInterval, type PairedGain } from './gain.ts';
export { toFileName } from './file-name.ts';
export { deriveEarlierJobId, jobIdPattern } from './job-id.ts';
export { shortenText } from './limit-problems.ts';
export { MAX_TIME } from './max-time.ts';
export { stopRules, type JobRecord, type LeaseRecord } from './job-record.ts';
export { describeLabelProblem, describeNameProblem } from './label-rules.ts';
export { isActive, jobStates, type JobState } from './job-states.ts';
export { formatPointer, parsePointer } from './json-pointer.ts';
export { MAX_IMPROVEMENTS } from './improvements.ts';
export type { Page } from './page.ts';
export { parseEnvironment } from './parse-environment.ts';
export { describeCondition, pointSchema } from './point.ts';
export { checkProgress, isLaterStep, type Progress } from './progress.ts';
export { progressSchema, pruningSchema, stepSchema } from './progress-schemas.ts';
export {
  MAX_COUNTED_LAYERS,
  countPreActivations,
  preActivationsSchema,
  type PreActivations,
} from './pre-activations.ts';
export { invalidationReasonSchema } from './invalidation-reason.ts';
export { toProblems } from './to-problems.ts';
export { countRecordedWeights, recordingSchema, type Recording } from './recording.ts';
export { SCHEMA_VERSION } from './schema-version.ts';
export { formatCsvRow } from './format-csv-row.ts';
export { getCurrentAttempt, sourceKinds, trialRoles, type TrialRecord } from './trial-record.ts';
export {
  LONGEST_CURVE,
  decodeCurve,
  encodeCurve,
  fitsCurve,
  trialResultSchema,
  type TrialResult,
} from './trial-result.ts';
export { isSettled, nextTrialState, trialStates, type TrialMove, type TrialState } from './trial-states.ts';
export { MAX_REPORTS } from './reports.ts';
export { listTrialIds } from './list-trial-ids.ts';
export { REFERENCE_ID, isSearchTrialId, makeConfirmTrialId, trialIdPattern } from './confirm-trials.ts';
export { listTrialSeeds } from './trial-seeds.ts';
export { quoteArgument } from './quote-argument.ts';
export { isBetter } from './direction.ts';
export { rankTrials } from './rank-trials.ts';
export { findReferenceDivergence, type ReferenceDivergence } from './reference-divergence.ts';
export { slotLimitsSchema } from './slot-limits.ts';
export { trialLeaseSchema } from './trial-lease.ts';
export { suggestName } from './suggest-name.ts';
export { predictFinal } from './predict-final.ts';
export { addFinalValue, addRungValue, computeRungThreshold, type RungsRecord } from './pruning.ts';
