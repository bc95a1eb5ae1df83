export {
  type BackwardReplacement,
  DEFAULT_MIRROR_RATE,
  type LayerReplacement,
  listReplacements,
  type Transpose,
} from './backward.ts';
export { countTrainingFlops } from './cost.ts';
export { datasetSchema, type Dataset } from './dataset.ts';
export {
  buildActivation,
  buildActivationDerivative,
  buildBackwardExpression,
  compileBFunction,
} from './derivatives/b-function.ts';
export { type ActivationName, activationNames, activations, derivativeCatalogue } from './derivatives/catalogue.ts';
export { computePenalty } from './derivatives/penalty.ts';
export { evaluateBatch } from '@gradsmith/bayesopt';
export { evaluate, listVariables, substitute } from './expression/evaluate.ts';
export {
  contextNames,
  type Expression,
  expressionFunctions,
  type FunctionName,
  number,
} from './expression/functions.ts';
export {
  capLoss,
  computeAulc,
  computeLossCap,
  computePartialAulc,
  getMetricDirection,
  metricKeys,
  metricSchema,
  type Metric,
} from './metric.ts';
export { getModuleRuntime, moduleNameSchema } from './module.ts';
export type {
  ActivationLayer,
  AttentionLayer,
  BatchNormLayer,
  ConvLayer,
  DenseLayer,
  DropoutLayer,
  EmbeddingLayer,
  Initialization,
  Layer,
  LayerNormLayer,
  PoolLayer,
  PositionLayer,
  ShortcutLayer,
} from './networks/layers.ts';
export {
  type BackwardName,
  backwardNames,
  buildBackwardProgram,
  parseBackwardProgram,
  usesRandomFeedback,
} from './program.ts';
export { networkSchema } from './networks/schema.ts';
export type { LayerShape, Shape } from './networks/shapes.ts';
export { describeScaling, optimizerSchema, type TrainingOptimizer } from './optimizer.ts';
export { findRecordedShape, listSnapshotSteps } from './record.ts';
export { countNodesPerPoint, sampleBFunctions, type SampledBFunction } from './sample.ts';
export { parseUpdateRule, type UpdateName, updateNames } from './update-rule.ts';
export {
  planTraining,
  trainingObjectiveSchema,
  type TrainingObjective,
  type TrainingObjectiveInput,
  type TrainingPlan,
} from './schema.ts';
