export type { Parameter, ParameterValue, Point, SpaceDefinition, SpaceProblem } from './space/definition.ts';
export { checkSpace } from './space/check.ts';
export { createSpace, SpaceError, type Space } from './space/space.ts';
export type {
  Algorithm,
  Hyperparameters,
  ModelState,
  Observation,
  ObservationStatus,
  SearchSettings,
  SuggestInput,
  Suggestion,
} from './search/types.ts';
export { suggest } from './search/suggest.ts';
export { Optimizer, type Outcome, type Trial } from './optimizer.ts';
export { importance, type Importance } from './sensitivity.ts';
export { matern52, rbf, type Kernel } from './kernels/kernel.ts';
export { condition, append, type Inputs, type KernelParameters, type Surrogate } from './gp/surrogate.ts';
export { posterior, posteriorGradient, type Posterior } from './gp/posterior.ts';
export { jointSamples, leaveOneOut, posteriorCovariance } from './gp/diagnostics.ts';
export { fit, type Fit } from './gp/fit.ts';
export { logMarginalLikelihood, logPosterior, parametersOf, type FitData } from './gp/likelihood.ts';
export { warpOutcomes, type Outcomes } from './gp/warp.ts';
export { logExpectedImprovement } from './acquisition/log-ei.ts';
export { sobol } from './random/sobol.ts';
