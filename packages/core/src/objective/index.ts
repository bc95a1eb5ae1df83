export { type BackwardReplacement, type Transpose } from './backward.ts';
export { type Augmentation, type Dataset, type ImageDataset, datasetShape } from './dataset.ts';
export {
  activationDerivative,
  activationExpression,
  backwardExpression,
  bFunction,
  derivativeExpression,
} from './derivatives/bFunction.ts';
export {
  type ActivationName,
  type CatalogueEntry,
  type CatalogueName,
  activationNames,
  derivativeCatalogue,
} from './derivatives/catalogue.ts';
export { type Derivative, type MetaNetwork, derivativeSchema } from './derivatives/schema.ts';
export { type ExternalObjective, externalObjectiveSchema } from './external.ts';
export { evaluate } from './expression/evaluate.ts';
export { type Expression, type FunctionName } from './expression/functions.ts';
export { ExpressionError, parseExpression } from './expression/parse.ts';
export { type Metric, aulc, cappedLoss, lossCap, metricDirection, partialAulc } from './metric.ts';
export type {
  ActivationLayer,
  BatchNormLayer,
  ConvLayer,
  DenseLayer,
  DropoutLayer,
  Initialization,
  Layer,
  PoolLayer,
} from './networks/layers.ts';
export { type ModuleObjective, moduleNameSchema, moduleObjectiveSchema, moduleRuntime } from './module.ts';
export type { Network } from './networks/schema.ts';
export { type LayerShape, type NetworkShape, type Shape } from './networks/shapes.ts';
export { trainingFlops } from './cost.ts';
export { type SampledBFunction, sampleBFunctions } from './sample.ts';
export { type Schedule, type TrainingOptimizer } from './optimizer.ts';
export { checkObjective } from './problems.ts';
export {
  type TrainingObjective,
  type TrainingObjectiveInput,
  type TrainingPlan,
  planTraining,
  trainingObjectiveSchema,
} from './schema.ts';
export { type Bindings, type Searchable, applyPoint, checkBounds, searchables } from './searchables.ts';
