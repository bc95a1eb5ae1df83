import { z } from 'zod';
import { type ActivationName, activationNames } from '../derivatives/catalogue.ts';
import { layerSchema, levels } from './layers.ts';

const width = z
  .number()
  .min(1 / 64)
  .max(8)
  .default(1)
  .describe('Factor on the number of filters of every layer; rounded, at least 1 filter');
const activation = z
  .enum(activationNames as [ActivationName, ...ActivationName[]])
  .default('relu')
  .describe('Activation of every hidden layer');
const dropout = z.number().min(0).max(0.95).describe('Fraction of units dropped in training');

/** SimpleNet v1 of Hasanpour et al. 2016; layers conv1…conv13, bn1…bn10, relu1…relu13, drop1…drop12, fc. */
const simplenetSchema = z.strictObject({
  name: z.literal('simplenet').describe('SimpleNet v1 with 13 convolutions (Hasanpour et al. 2016)'),
  width,
  dropout: dropout.default(0.2),
  activation,
  levels,
});

/** SimpleNet's variant with 310 thousand parameters, without dropout by default. */
const simplenetSlimSchema = z.strictObject({
  name: z.literal('simplenet-slim').describe('SimpleNet with 310 thousand parameters'),
  width,
  dropout: dropout.default(0),
  activation,
  levels,
});

/** The paper's network of experiment 3.1: fc1, relu1, fc2, relu2, …, without biases. */
const mlpSchema = z.strictObject({
  name: z.literal('mlp').describe('Dense layers'),
  hidden: z.array(z.int().min(1).max(65536)).min(1).max(16).default([32, 32]).describe('Units of each hidden layer'),
  bias: z.boolean().default(false).describe('Whether layers have biases'),
  activation,
  levels,
});

/** A small network of conv, batch norm, activation, max pool blocks and one dense layer. */
const cnnSchema = z.strictObject({
  name: z.literal('cnn').describe('Convolutions with max pooling, then one dense layer'),
  filters: z.array(z.int().min(1).max(4096)).min(1).max(8).default([8, 16]).describe('Filters of each convolution'),
  batchNorm: z.boolean().default(true).describe('Whether convolutions are followed by batch normalization'),
  activation,
  levels,
});

/** LeNet-style: two 5×5 convolutions with max pooling, then dense layers of 120 and 84 units. */
const lenetSchema = z.strictObject({
  name: z.literal('lenet').describe('Two 5×5 convolutions with max pooling, then dense layers of 120 and 84 units'),
  width,
  activation,
  levels,
});

/** The residual networks for CIFAR-10 of He et al. 2016; layers conv1…, bn1…, relu1…, add1…, pool, fc. */
const resnetSchema = z.strictObject({
  name: z.literal('resnet').describe('Residual network for CIFAR-10 (He et al. 2016)'),
  depth: z.literal([20, 32, 44, 56]).default(20).describe('Layers with weights'),
  shortcut: z
    .enum(['identity', 'projection'])
    .default('identity')
    .describe(
      'Shortcuts where the size changes: `identity` skips pixels and adds channels of zeros, as published; ' +
        '`projection` is a 1×1 convolution with batch norm',
    ),
  width,
  activation,
  levels,
});

/** VGG with batch norm and one dense layer; layers conv1…, bn1…, relu1…, pool1…pool5, fc. */
const vggSchema = z.strictObject({
  name: z.literal('vgg').describe('VGG with batch norm and one dense layer (Simonyan and Zisserman 2015)'),
  depth: z.literal([11, 16]).default(11).describe('Of the published network: 8 or 13 convolutions'),
  width,
  activation,
  levels,
});

/** A pre-norm transformer encoder; layers embed, position, attention1…, up1…, relu1…, down1…, norm, pool, fc. */
const transformerSchema = z.strictObject({
  name: z.literal('transformer').describe('Transformer encoder for sequences of tokens (Vaswani et al. 2017)'),
  blocks: z.int().min(1).max(24).default(2).describe('Blocks of attention and two dense layers for each token'),
  heads: z.int().min(1).max(1024).default(4).describe('Heads of attention, which divide `channels`'),
  channels: z.int().min(1).max(65536).default(32).describe('Length of the vector of each token'),
  hidden: z
    .int()
    .min(1)
    .max(65536)
    .optional()
    .describe('Units between the dense layers of a block, by default four times `channels`'),
  dropout: dropout.default(0),
  activation: activation.default('gelu'),
  levels,
});

/** A custom network. Its last layer is dense with one unit per class. */
const customSchema = z.strictObject({
  name: z.literal('custom').optional().describe('Your own layers'),
  layers: z.array(layerSchema).min(1).max(200).describe('Layers in order, each with a `type` and a `name`'),
});

export const networkSchema = z.discriminatedUnion('name', [
  simplenetSchema,
  simplenetSlimSchema,
  mlpSchema,
  cnnSchema,
  lenetSchema,
  resnetSchema,
  vggSchema,
  transformerSchema,
  customSchema,
]);
export type Network = z.infer<typeof networkSchema>;
