import { z } from 'zod';
import { type ActivationName, activationNames } from '../derivatives/catalogue.ts';

/** Letters, digits and hyphens: a dot would clash with the names of meta-weights (`relu7.u`). */
export const layerName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_-]{0,31}$/, 'a layer name is a letter, then letters, digits, _ or -, 32 at most');

/**
 * How weights start; fan is the number of inputs (in) or outputs (out) of a unit. Uniform ones are symmetric about 0.
 * Variances: glorot 2/(in + out), lecun 1/in (Caffe's "xavier"), he 2/in, normal sd².
 */
const initSchema = z.enum([
  'glorot-uniform',
  'glorot-normal',
  'lecun-uniform',
  'lecun-normal',
  'he-uniform',
  'he-normal',
  'normal',
]);
export type Initialization = z.infer<typeof initSchema>;

const initialDeviation = (usual: number) =>
  z.number().positive().max(10).default(usual).describe('Standard deviation of the initialization `normal`');
const weights = {
  bias: z.boolean().default(true).describe('Whether it has biases'),
  init: initSchema.default('he-normal').describe('Distribution of the initial weights'),
  sd: initialDeviation(0.01),
  weights: z
    .literal('binary')
    .optional()
    .describe(
      'Computes with α·sign(w) in place of the weights w, where α is the mean of |w| of each filter or unit ' +
        '(Rastegari et al. 2016). The gradient reaches w through the straight-through estimator of sign, 1 where ' +
        '|w| ≤ 1, which `backward` can replace',
    ),
};
/** The number of values of the activation `quantize`. */
export const levels = z
  .int()
  .min(2)
  .max(256)
  .optional()
  .describe('Values between 0 and 1 that the activation `quantize` takes, by default 4');
const padding = z.enum(['same', 'valid']).describe('`same` keeps the size at stride 1');
const named = {
  name: layerName.describe('Name for `backward`, `frozen`, `input` and pointers'),
  input: layerName.optional().describe('The earlier layer whose output it takes; by default the layer before it'),
};

const convSchema = z.strictObject({
  type: z.literal('conv').describe('A convolution'),
  ...named,
  filters: z.int().min(1).max(65536).describe('Output channels'),
  kernel: z.int().min(1).max(15).default(3).describe('Side of the square kernel'),
  stride: z.int().min(1).max(15).default(1).describe('Step of the window'),
  padding: z
    .enum(['same', 'valid', 'symmetric'])
    .default('same')
    .describe(
      '`same` keeps the size at stride 1. With other strides it may add more zeros at the bottom and right than at ' +
        'the top and left; `symmetric` adds kernel / 2, rounded down, on every side, as most published networks do',
    ),
  /** Only 1 can be trained: the gradient of a dilated convolution is not implemented. */
  dilation: z.int().min(1).max(15).default(1).describe('Distance between the taps of the kernel'),
  ...weights,
});

const denseSchema = z.strictObject({
  type: z.literal('dense').describe('A dense layer; it flattens its input'),
  ...named,
  units: z.int().min(1).max(1e6).describe('Outputs'),
  ...weights,
});

const batchNormSchema = z.strictObject({
  type: z.literal('batch-norm').describe('Batch normalization'),
  ...named,
  momentum: z.number().min(0).lt(1).default(0.95).describe('Momentum of the running mean and variance'),
  epsilon: z.number().min(1e-8).max(1).default(1e-5).describe('Added to the variance'),
});

const poolSchema = z.strictObject({
  type: z.literal('pool').describe('Pooling'),
  ...named,
  kind: z.enum(['max', 'average']).default('max').describe('What pooling takes of each window'),
  size: z.int().min(1).max(64).default(2).describe('Side of the window'),
  stride: z.int().min(1).max(64).default(2).describe('Step of the window'),
  padding: padding.default('valid'),
});

const layerNormSchema = z.strictObject({
  type: z.literal('layer-norm').describe('Layer normalization'),
  ...named,
  over: z
    .literal('channels')
    .optional()
    .describe(
      '`channels` normalizes each place of an image or sequence by itself, as transformers do. By default, all ' +
        'values of an example are normalized together',
    ),
  epsilon: z.number().min(1e-8).max(1).default(1e-5).describe('Added to the variance'),
});

const globalPoolSchema = z.strictObject({
  type: z.literal('global-average-pool').describe('The mean of each channel over the image: a vector'),
  ...named,
});

/** The parameter-free shortcut ("option A") of residual networks (He et al. 2016). */
const shortcutSchema = z.strictObject({
  type: z.literal('shortcut').describe('Every `stride`-th pixel, and channels of zeros added up to `filters`'),
  ...named,
  filters: z.int().min(1).max(65536).describe('Output channels'),
  stride: z.int().min(1).max(15).default(1).describe('Step of the window'),
});

/** Learned vectors of tokens: what a network of sequences begins with. */
const embeddingSchema = z.strictObject({
  type: z
    .literal('embedding')
    .describe('A trained vector for each token of the data set. Its output is a sequence: [length, 1, channels]'),
  ...named,
  vocabulary: z.int().min(1).max(65536).describe('Number of different tokens, which are numbered from 0'),
  channels: z.int().min(1).max(65536).describe('Output channels: the length of each vector'),
  init: initSchema.default('normal').describe('Distribution of the initial weights'),
  sd: initialDeviation(0.1),
});

/** Learned positions, which attention cannot see otherwise. */
const positionSchema = z.strictObject({
  type: z.literal('position').describe('Adds a trained vector for each place of a sequence or image'),
  ...named,
  init: initSchema.default('normal').describe('Distribution of the initial weights'),
  sd: initialDeviation(0.1),
});

/** Multi-head self-attention (Vaswani et al. 2017, section 3.2.2). */
const attentionSchema = z.strictObject({
  type: z
    .literal('attention')
    .describe(
      'Multi-head self-attention over all places of a sequence or image, with four matrices without biases ' +
        '(Vaswani et al. 2017)',
    ),
  ...named,
  heads: z.int().min(1).max(1024).default(4).describe('Number of heads, which divides the number of channels'),
  init: initSchema.default('glorot-uniform').describe('Distribution of the initial weights'),
  sd: initialDeviation(0.01),
});

const merging = {
  name: named.name,
  inputs: z.array(layerName).min(2).max(16).describe('The earlier layers whose outputs it takes'),
};
const addSchema = z.strictObject({
  type: z.literal('add').describe('The sum of outputs of the same shape'),
  ...merging,
});
const concatSchema = z.strictObject({
  type: z.literal('concat').describe('Outputs one after the other along the channels'),
  ...merging,
});

const dropoutSchema = z.strictObject({
  type: z.literal('dropout').describe('Dropout'),
  ...named,
  rate: z.number().min(0).max(0.95).default(0.5).describe('Fraction of units dropped; the others grow by 1/(1 − rate)'),
});

const activationSchema = z.strictObject({
  type: z.literal('activation').describe('An activation function'),
  ...named,
  function: z
    .enum(activationNames as [ActivationName, ...ActivationName[]])
    .default('relu')
    .describe('The activation σ'),
  levels,
});

/** One layer of a network. A dense layer flattens what comes in. */
export const layerSchema = z.discriminatedUnion('type', [
  convSchema,
  denseSchema,
  batchNormSchema,
  poolSchema,
  dropoutSchema,
  activationSchema,
  layerNormSchema,
  globalPoolSchema,
  shortcutSchema,
  embeddingSchema,
  positionSchema,
  attentionSchema,
  addSchema,
  concatSchema,
]);

export type Layer = z.infer<typeof layerSchema>;

/**
 * Returns the function of a layer whose derivative a b-function can replace: that of an activation layer, and the sign
 * of binary weights.
 */
export function getReplaceableFunction(layer: Layer): ActivationName | undefined {
  if (layer.type === 'activation') return layer.function;
  return (layer.type === 'conv' || layer.type === 'dense') && layer.weights === 'binary' ? 'sign' : undefined;
}
export type ConvLayer = z.infer<typeof convSchema>;
export type DenseLayer = z.infer<typeof denseSchema>;
export type BatchNormLayer = z.infer<typeof batchNormSchema>;
export type PoolLayer = z.infer<typeof poolSchema>;
export type DropoutLayer = z.infer<typeof dropoutSchema>;
export type ActivationLayer = z.infer<typeof activationSchema>;
export type LayerNormLayer = z.infer<typeof layerNormSchema>;
export type ShortcutLayer = z.infer<typeof shortcutSchema>;
export type EmbeddingLayer = z.infer<typeof embeddingSchema>;
export type PositionLayer = z.infer<typeof positionSchema>;
export type AttentionLayer = z.infer<typeof attentionSchema>;

const weightless: readonly Layer['type'][] = [
  'pool',
  'dropout',
  'activation',
  'global-average-pool',
  'shortcut',
  'add',
  'concat',
];

/** Returns whether the layer has numbers that training changes. */
export function hasWeights({ type }: Layer): boolean {
  return !weightless.includes(type);
}
