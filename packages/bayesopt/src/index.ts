export type {
  Condition,
  Parameter,
  ParameterValue,
  Point,
  ProgramValues,
  SpaceDefinition,
  SpaceProblem,
} from './space/definition.ts';
export { constraintFunctions, type ConstraintFunction } from './expression/constraint-functions.ts';
export { fulfillsConstraint, type Constraint } from './space/constraint.ts';
export { checkSpace } from './space/check-space.ts';
export { collectDemands } from './space/check-conditions.ts';
export { createSpace, SpaceError, type Space } from './space/space.ts';
export type {
  Algorithm,
  Hyperparameters,
  ModelState,
  ObjectiveGoal,
  Observation,
  ObservationStatus,
  Outlook,
  SearchSettings,
  SuggestInput,
  Suggestion,
} from './search/types.ts';
export { evaluateBatch, type BatchShape, type BatchValues } from './expression/evaluate-batch.ts';
export { batchFunctions, type BatchFunctionName } from './expression/batch-functions.ts';
export {
  call,
  countNodes,
  type ElementFunctionName,
  type Expression,
  expressionFunctions,
  type FunctionName,
  isElementFunction,
  isFunctionName,
  number,
} from './expression/functions.ts';
export { ExpressionError, namesIn, parseFormula } from './expression/parse.ts';
export { formatExpression } from './expression/format.ts';
export { DEFAULT_EVOLUTION } from './search/suggest-evolved-point.ts';
export { algorithms } from './search/algorithms.ts';
export { findProgramParameter, findUnorderedParameter, searchesPrograms } from './search/check-settings.ts';
export { findRareConstraints } from './search/designs.ts';
export { isPointDesign, PointDesign } from './search/point-design.ts';
export { suggestPoint, suggestPoints } from './search/suggest-point.ts';
export { Optimizer, type Outcome, type Trial } from './optimizer.ts';
export { describeModel, type ModelDescription, type ModelGrid, type ModelSlice } from './describe-model.ts';
export { computeImportance, type Importance } from './compute-importance.ts';
export { matern52, rbf, type Kernel } from './gp/kernel.ts';
export {
  appendRows,
  conditionSurrogate,
  type Inputs,
  type KernelParameters,
  type Surrogate,
  type SurrogateData,
} from './gp/surrogate.ts';
export { computePosterior, computePosteriorGradient, type Posterior } from './gp/posterior.ts';
export { computePosteriorCovariance, drawJointSamples, predictLeaveOneOut } from './gp/diagnostics.ts';
export { fitHyperparameters, type Fit } from './gp/fit.ts';
export { logMarginalLikelihood, logPosterior, toKernelParameters, type FitData } from './gp/likelihood.ts';
export { warpOutcomes, type Outcomes } from './gp/warp.ts';
export { logExpectedImprovement } from './acquisition/log-ei.ts';
export { dominates, findFront, measureCrowding } from './pareto/front.ts';
export { computeHypervolume } from './pareto/hypervolume.ts';
export { createSobolPoints } from './random/sobol.ts';
