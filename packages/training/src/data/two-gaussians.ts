import type { Dataset } from '@gradsmith/core/objective';
import type { DataSet, Examples } from './data-set.ts';
import { drawNormal, randomSource, type RandomSource } from './random.ts';

type TwoGaussians = Extract<Dataset, { name: 'two-gaussians' }>;

/**
 * The data of experiment 3.1: class 0 from N(+mean, sd²) and class 1 from N(−mean, sd²), independent in every
 * coordinate. The classes alternate. Training and validation examples have separate random streams, so that the number
 * of one does not change the other.
 */
export function twoGaussians(spec: TwoGaussians): DataSet {
  return {
    name: spec.name,
    shape: [spec.dimension],
    classes: 2,
    hash: `two-gaussians-v1-${spec.dimension}-${spec.mean}-${spec.sd}-${spec.seed}`,
    channels: [],
    train: drawExamples(spec, spec.train, randomSource(spec.seed, 1)),
    validation: drawExamples(spec, spec.validation, randomSource(spec.seed, 2)),
  };
}

function drawExamples({ dimension, mean, sd }: TwoGaussians, count: number, random: RandomSource): Examples {
  const inputs = new Float32Array(count * dimension);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const label = i % 2;
    labels[i] = label;
    for (let j = 0; j < dimension; j++)
      inputs[i * dimension + j] = (label === 0 ? mean : -mean) + sd * drawNormal(random);
  }
  return { count, inputs, labels };
}
