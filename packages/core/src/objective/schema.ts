import { z } from 'zod';
import { MAX_RECORDED_NUMBERS, MAX_SNAPSHOTS } from '../domain/recording.ts';
import { MAX_TRIAL_SEEDS } from '../domain/trial-seeds.ts';
import { backwardSchema } from './backward.ts';
import { datasetSchema, getDatasetShape } from './dataset.ts';
import { metricSchema } from './metric.ts';
import { expandNetwork } from './networks/expand.ts';
import { type Layer, layerName } from './networks/layers.ts';
import { networkSchema } from './networks/schema.ts';
import { type NetworkShape, type Shape, inferShapes } from './networks/shapes.ts';
import { optimizerSchema } from './optimizer.ts';
import { recordSchema } from './record.ts';

/** Gaussian noise of variance η/(1+t)^γ added to every gradient at step t (Neelakantan et al. 2015). */
const gradientNoiseSchema = z.strictObject({
  eta: z.number().min(0).max(1e4).describe('Variance at the first step'),
  gamma: z.number().min(0).max(10).default(0.55).describe('How fast the variance decays'),
});

const backendSchema = z.enum(['auto', 'wasm', 'cpu', 'tensorflow', 'webgpu']);

/** A training of a target network. Each field is checked for its range; `checkObjective` checks the whole. */
export const trainingObjectiveSchema = z.strictObject({
  kind: z.literal('training').describe('The workers train a network once for each trial'),
  dataset: datasetSchema.describe('The data'),
  network: networkSchema.describe(
    'The target network. Its kind and its sizes cannot be searched: all trials start from the same weights',
  ),
  optimizer: optimizerSchema.describe('The training optimizer'),
  epochs: z
    .int()
    .min(1)
    .max(10_000)
    .default(5)
    .describe(
      'Passes over the training examples, at most 750,000 steps. Cannot be searched, because it changes the ' +
        'scale of the metric',
    ),
  batchSize: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(100)
    .describe(
      'Examples per step; an incomplete batch at the end of an epoch is left out. Cannot be searched, because it ' +
        'changes the scale of the metric',
    ),
  backward: z
    .array(backwardSchema)
    .max(64)
    .default([])
    .describe('Changes to the backward pass, one entry for each layer'),
  frozen: z.array(layerName).max(200).default([]).describe('Layers whose weights stay as they were initialized'),
  gradientNoise: gradientNoiseSchema
    .optional()
    .describe('Gaussian noise of variance eta / (1 + step)^gamma added to every gradient'),
  record: recordSchema
    .optional()
    .describe(
      '`{ weights, every }`: keeps the weights of one convolution or dense layer after every `every` steps (by ' +
        'default after each), for the figure of their paths. At most ' +
        `${MAX_RECORDED_NUMBERS.toLocaleString('en')} numbers per trial, and ${MAX_SNAPSHOTS.toLocaleString('en')} ` +
        'snapshots. Trainings that record weights save no checkpoints',
    ),
  metric: metricSchema
    .default('aulc')
    .describe(
      'The value of a trial. `aulc` is the area under the loss curve. `validation-accuracy` is maximized, the others ' +
        'are minimized',
    ),
  evaluateEvery: z
    .int()
    .min(1)
    .max(750_000)
    .optional()
    .describe(
      'Steps between two measurements of the metric during the training, for its curve and for pruning; not for ' +
        '`aulc`, which has a value at every step. By default, it is measured at the end, and where a pruning rule ' +
        'compares trials',
    ),
  seed: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe(
      'Seed of initial weights, order of batches, dropout, augmentation and gradient noise. The same in every trial',
    ),
  seedsPerTrial: z
    .int()
    .min(1)
    .max(MAX_TRIAL_SEEDS)
    .optional()
    .describe(
      'Seeds over which every trial of the search averages, so that the search does not fit one seed; by default 1: ' +
        '`seed`. The others are derived from it. Confirm trials have one fresh seed each. Cannot be searched',
    ),
  backend: backendSchema
    .default('auto')
    .describe('The library that computes; the page “Backends” of the documentation says what `auto` chooses'),
});

export type TrainingObjective = z.infer<typeof trainingObjectiveSchema>;
/** A training objective as clients write it: fields with a default may be left out. */
export type TrainingObjectiveInput = z.input<typeof trainingObjectiveSchema>;

/** What an objective trains: its layers, their shapes and the length of a run. */
export interface TrainingPlan {
  readonly input: Shape;
  readonly classes: number;
  readonly layers: readonly Layer[];
  readonly shape: NetworkShape;
  readonly stepsPerEpoch: number;
  readonly steps: number;
}

/** Expands the network and counts steps. @throws ShapeError on an objective `checkObjective` finds fault with */
export function planTraining(objective: TrainingObjective): TrainingPlan {
  const dataset = getDatasetShape(objective.dataset);
  const { input, classes } = dataset;
  const layers = expandNetwork(objective.network, dataset);
  const stepsPerEpoch = Math.floor(objective.dataset.train / objective.batchSize);
  return {
    input,
    classes,
    layers,
    shape: inferShapes(layers, input),
    stepsPerEpoch,
    steps: stepsPerEpoch * objective.epochs,
  };
}
