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

const weights = {
  bias: z.boolean().default(true),
  init: initSchema.default('he-normal'),
  /** Standard deviation of `init: normal`. */
  sd: z.number().positive().max(10).default(0.01),
};
const padding = z.enum(['same', 'valid']);

const convSchema = z.strictObject({
  type: z.literal('conv'),
  name: layerName,
  filters: z.int().min(1).max(65536),
  kernel: z.int().min(1).max(15).default(3),
  stride: z.int().min(1).max(15).default(1),
  padding: padding.default('same'),
  /** Only 1 can be trained: the gradient of a dilated convolution is not implemented. */
  dilation: z.int().min(1).max(15).default(1),
  ...weights,
});

const denseSchema = z.strictObject({
  type: z.literal('dense'),
  name: layerName,
  units: z.int().min(1).max(1e6),
  ...weights,
});

const batchNormSchema = z.strictObject({
  type: z.literal('batch-norm'),
  name: layerName,
  /** Share of the old moving average kept at each step. */
  momentum: z.number().min(0).lt(1).default(0.95),
  epsilon: z.number().min(1e-8).max(1).default(1e-5),
});

const poolSchema = z.strictObject({
  type: z.literal('pool'),
  name: layerName,
  kind: z.enum(['max', 'average']).default('max'),
  size: z.int().min(1).max(64).default(2),
  stride: z.int().min(1).max(64).default(2),
  padding: padding.default('valid'),
});

const dropoutSchema = z.strictObject({
  type: z.literal('dropout'),
  name: layerName,
  /** Probability that a value is zeroed; the others grow by 1/(1 − rate). */
  rate: z.number().min(0).max(0.95).default(0.5),
});

const activationSchema = z.strictObject({
  type: z.literal('activation'),
  name: layerName,
  function: z.enum(activationNames as [ActivationName, ...ActivationName[]]).default('relu'),
});

/** One layer of a sequential network. A dense layer flattens what comes in. */
export const layerSchema = z.discriminatedUnion('type', [
  convSchema,
  denseSchema,
  batchNormSchema,
  poolSchema,
  dropoutSchema,
  activationSchema,
]);

export type Layer = z.infer<typeof layerSchema>;
export type ConvLayer = z.infer<typeof convSchema>;
export type DenseLayer = z.infer<typeof denseSchema>;
export type BatchNormLayer = z.infer<typeof batchNormSchema>;
export type PoolLayer = z.infer<typeof poolSchema>;
export type DropoutLayer = z.infer<typeof dropoutSchema>;
export type ActivationLayer = z.infer<typeof activationSchema>;
