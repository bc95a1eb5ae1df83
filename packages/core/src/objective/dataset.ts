import { z } from 'zod';
import type { Shape } from './networks/shapes.ts';

/** Augmentation of training images, drawn at every step from the objective's seed. */
const augmentSchema = z.strictObject({
  pad: z
    .int()
    .min(0)
    .max(16)
    .default(4)
    .describe('Zeros around the image before a random crop back to its size, in pixels'),
  mirror: z.boolean().default(true).describe('Mirror left to right with probability ½'),
});

const trainMeaning = 'Number of training examples, from the first';
const validationMeaning = 'Number of test examples for validation metrics, from the first; 0 for none';

/** Preprocessing of images. */
const preparation = {
  standardize: z
    .boolean()
    .default(true)
    .describe(
      "Subtract each channel's mean and divide by its standard deviation, computed on the whole training set. " +
        'Otherwise pixels are 0 to 1',
    ),
  augment: augmentSchema
    .optional()
    .describe(
      '`{ pad, mirror }`: shift each image by up to `pad` pixels, and mirror every other one; random at each step',
    ),
};

function imageSet<Name extends string>(name: Name, title: string, [trainSize, testSize]: [number, number]) {
  return z.strictObject({
    name: z.literal(name).describe(title),
    train: z.int().min(1).max(trainSize).default(trainSize).describe(trainMeaning),
    validation: z.int().min(0).max(testSize).default(1000).describe(validationMeaning),
    ...preparation,
  });
}

/**
 * The user's images, which each worker has in its cache. Their shape and classes are declared here, so that a network
 * can be checked before they are loaded; a cache with other images is refused.
 */
const ownSchema = z.strictObject({
  name: z.literal('own').describe('Images of your own'),
  set: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,31}$/,
      'a data set of your own has a name of 1 to 32 lower-case letters, digits and hyphens',
    )
    .describe("Name of a data set in the workers' cache"),
  shape: z
    .tuple([z.int().min(1).max(1024), z.int().min(1).max(1024), z.int().min(1).max(4)])
    .describe('`[height, width, channels]`'),
  classes: z.int().min(2).max(256).describe('Number of classes'),
  train: z.int().min(1).max(10_000_000).describe(trainMeaning),
  validation: z.int().min(0).max(10_000_000).default(0).describe(validationMeaning),
  ...preparation,
});

const sampleSeed = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .default(0)
  .describe('Seed of the sample; the same in confirmations');

/** Experiment 3.1: one Gaussian per class, with means +mean and −mean in every coordinate. */
const twoGaussiansSchema = z.strictObject({
  name: z.literal('two-gaussians').describe('Points of two classes, each normally distributed'),
  dimension: z.int().min(1).max(1024).default(2).describe('Coordinates of a point'),
  train: z.int().min(2).max(1_000_000).default(200).describe(trainMeaning),
  validation: z.int().min(0).max(1_000_000).default(1000).describe(validationMeaning),
  mean: z.number().min(0).max(100).default(1).describe('The classes lie around +mean and −mean in each coordinate'),
  sd: z.number().positive().max(100).default(1).describe('Standard deviation of both classes'),
  seed: sampleSeed,
});

/** The class of a sequence is the letter after its mark, so that a network has to find a place and copy from it. */
const markedLetterSchema = z.strictObject({
  name: z
    .literal('marked-letter')
    .describe('Sequences of random letters with one mark; the class is the letter that follows the mark'),
  length: z.int().min(2).max(1024).default(16).describe('Tokens of a sequence, the mark included'),
  letters: z.int().min(2).max(255).default(8).describe('Number of letters and of classes; the mark is one more token'),
  train: z.int().min(2).max(1_000_000).default(2000).describe(trainMeaning),
  validation: z.int().min(0).max(1_000_000).default(1000).describe(validationMeaning),
  seed: sampleSeed,
});

export const datasetSchema = z.discriminatedUnion('name', [
  imageSet('mnist', 'Handwritten digits, 28×28 pixels, 10 classes', [60_000, 10_000]),
  imageSet('fashion-mnist', 'Articles of clothing, 28×28 pixels, 10 classes', [60_000, 10_000]),
  imageSet('cifar10', 'Color images of objects, 32×32 pixels, 10 classes', [50_000, 10_000]),
  ownSchema,
  twoGaussiansSchema,
  markedLetterSchema,
]);
export type Dataset = z.infer<typeof datasetSchema>;

/** What a network is built for. */
export interface DatasetShape {
  /** Of one example. */
  readonly input: Shape;
  readonly classes: number;
  /** Number of different tokens, from 0; undefined if the examples are no tokens. */
  readonly vocabulary?: number;
}

/** Returns the shape of one example and the number of classes. */
export function getDatasetShape(dataset: Dataset): DatasetShape {
  switch (dataset.name) {
    case 'mnist':
    case 'fashion-mnist':
      return { input: [28, 28, 1], classes: 10 };
    case 'cifar10':
      return { input: [32, 32, 3], classes: 10 };
    case 'own':
      return { input: dataset.shape, classes: dataset.classes };
    case 'two-gaussians':
      return { input: [dataset.dimension], classes: 2 };
    case 'marked-letter':
      return { input: [dataset.length], classes: dataset.letters, vocabulary: dataset.letters + 1 };
  }
}
