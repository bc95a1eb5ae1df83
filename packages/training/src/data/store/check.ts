import { exampleSize } from '../data-set.ts';
import { DataSetRefused } from './errors.ts';
import type { RawDataSet, RawExamples } from './format.ts';

/** Published facts that every copy of a data set must satisfy. */
export interface Facts {
  shape: [number, number, number];
  /** Images per class. */
  train: number[];
  test: number[];
  /** Channel means and standard deviations of the training set, with pixels scaled to 0…1, to 4 decimals. */
  mean: number[];
  sd: number[];
}

/** Published statistics are rounded, and some copies were converted through an image format. */
const TOLERANCE = 5e-4;

/**
 * Returns the statistics of the channels after comparing them and the class counts with the published facts.
 *
 * @throws DataSetRefused with what differs
 */
export function checkFacts(name: string, raw: RawDataSet, facts: Facts): { mean: number; sd: number }[] {
  if (raw.shape.join() !== facts.shape.join()) {
    throw new DataSetRefused(name, `its images are ${raw.shape.join('×')}, expected ${facts.shape.join('×')}`);
  }
  checkPart(name, 'training', raw, raw.train, facts.train);
  checkPart(name, 'test', raw, raw.test, facts.test);
  const channels = channelStatistics(raw.train.inputs, raw.shape[2]);
  for (const [channel, { mean, sd }] of channels.entries()) {
    if (Math.abs(mean - facts.mean[channel]!) > TOLERANCE || Math.abs(sd - facts.sd[channel]!) > TOLERANCE) {
      const found = `mean ${mean.toFixed(4)}, standard deviation ${sd.toFixed(4)}`;
      throw new DataSetRefused(
        name,
        `channel ${channel} has ${found}, expected ${facts.mean[channel]} and ${facts.sd[channel]}`,
      );
    }
  }
  return channels;
}

function checkPart(name: string, part: string, { shape }: RawDataSet, examples: RawExamples, expected: number[]): void {
  const counts = Array.from({ length: 256 }, () => 0);
  for (const label of examples.labels) counts[label]!++;
  const wrong = counts.findIndex((count, label) => count !== (expected[label] ?? 0));
  if (wrong >= 0) {
    throw new DataSetRefused(
      name,
      `class ${wrong} has ${counts[wrong]} ${part} images, expected ${expected[wrong] ?? 0}`,
    );
  }
  if (examples.inputs.length !== examples.labels.length * exampleSize(shape)) {
    throw new DataSetRefused(
      name,
      `${examples.labels.length} ${part} labels do not fit ${examples.inputs.length} pixel values`,
    );
  }
}

/**
 * Computes the mean and standard deviation of each channel, with pixels scaled to 0…1. Exact, because it counts the 256
 * values.
 */
export function channelStatistics(inputs: Uint8Array, channels: number): { mean: number; sd: number }[] {
  const counts = new Float64Array(256 * channels);
  for (let i = 0, channel = 0; i < inputs.length; i++) {
    counts[(channel << 8) + inputs[i]!]!++;
    if (++channel === channels) channel = 0;
  }
  return Array.from({ length: channels }, (_, channel) => {
    const histogram = counts.subarray(256 * channel, 256 * (channel + 1));
    const total = inputs.length / channels;
    const mean = histogram.reduce((sum, count, pixel) => sum + count * pixel, 0) / total / 255;
    const variance = histogram.reduce((sum, count, pixel) => sum + count * (pixel / 255 - mean) ** 2, 0) / total;
    return { mean, sd: Math.sqrt(variance) };
  });
}
