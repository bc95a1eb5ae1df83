export { listBaselineLimits } from './baseline-limits.ts';
export { getBaselineBudget, listBaselines } from './baselines.ts';
export { countFormulaNodes } from './count-formula-nodes.ts';
export { describeReference, type ReferenceNames } from './describe-reference.ts';
export {
  getDirection,
  getMetricName,
  isTrainingJob,
  jobSchema,
  parseJob,
  type JobInput,
  type JobSpec,
  type TrainingJob,
  countTrialSeeds,
} from './job-spec.ts';
export { describeMeasuredConstraint, measureExcess } from './measured-constraints.ts';
export { readMetric } from './measured-metrics.ts';
export { readObjectives } from './objectives.ts';
export { describePareto } from './describe-pareto.ts';
export { listBounds } from './list-bounds.ts';
export { listParameterNames } from './list-parameter-names.ts';

export { listReportSteps, listRungs } from './list-rungs.ts';
export { getPrunedValue, getPruningRule, type PrunedValue } from './pruning-rules.ts';
export { buildSearchInputs, isPlainBackpropagation, resolveObjective } from './search-inputs.ts';
export { buildSearchSpace } from './search-space.ts';
export { describeStop } from './stop-rules.ts';
export { workerLabelsSchema } from './worker-request.ts';
