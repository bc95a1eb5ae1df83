import { z } from 'zod';
import type { Shape } from './networks/shapes.ts';

/** Augmentation of training images, drawn at every step from the objective's seed. */
const augmentSchema = z.strictObject({
  /** Zeros around the image before a random crop back to its size, in pixels. */
  pad: z.int().min(0).max(16).default(4),
  /** Mirror left to right with probability ½. */
  mirror: z.boolean().default(true),
});

/** Preprocessing of images. */
const preparation = {
  /** Subtract each channel's mean and divide by its standard deviation over the whole training set; otherwise 0…1. */
  standardize: z.boolean().default(true),
  augment: augmentSchema.optional(),
};

function imageSet<Name extends string>(name: Name, trainSize: number, testSize: number) {
  return z.strictObject({
    name: z.literal(name),
    /** Use the first so many training images; all of them by default. */
    train: z.int().min(1).max(trainSize).default(trainSize),
    /** The first so many test images; 0 leaves validation out. */
    validation: z.int().min(0).max(testSize).default(1000),
    ...preparation,
  });
}

/**
 * The user's images, which each worker has in its cache. Their shape and classes are declared here, so that a network
 * can be checked before they are loaded; a cache with other images is refused.
 */
const ownSchema = z.strictObject({
  name: z.literal('own'),
  /** Name under which it was imported into the cache. */
  set: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,31}$/,
      'a data set of your own has a name of 1 to 32 lower-case letters, digits and hyphens',
    ),
  /** [height, width, channels] of every image. */
  shape: z.tuple([z.int().min(1).max(1024), z.int().min(1).max(1024), z.int().min(1).max(4)]),
  classes: z.int().min(2).max(256),
  /** The first so many training images. */
  train: z.int().min(1).max(10_000_000),
  /** The first so many test images; 0 leaves validation out. */
  validation: z.int().min(0).max(10_000_000).default(0),
  ...preparation,
});

/** Experiment 3.1: one Gaussian per class, with means +mean and −mean in every coordinate. */
const twoGaussiansSchema = z.strictObject({
  name: z.literal('two-gaussians'),
  dimension: z.int().min(1).max(1024).default(2),
  train: z.int().min(2).max(1_000_000).default(200),
  validation: z.int().min(0).max(1_000_000).default(1000),
  mean: z.number().min(0).max(100).default(1),
  sd: z.number().positive().max(100).default(1),
  /** Seed of the sample; confirmations use the same sample. */
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
});

export const datasetSchema = z.discriminatedUnion('name', [
  imageSet('mnist', 60_000, 10_000),
  imageSet('fashion-mnist', 60_000, 10_000),
  imageSet('cifar10', 50_000, 10_000),
  ownSchema,
  twoGaussiansSchema,
]);
export type Dataset = z.infer<typeof datasetSchema>;

/** Returns the shape of one example and the number of classes. */
export function getDatasetShape(dataset: Dataset): { input: Shape; classes: number } {
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
  }
}
