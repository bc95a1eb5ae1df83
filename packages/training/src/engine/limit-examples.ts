import type { TrainingPlan } from '@gradsmith/core/objective';

/** Numbers that a layer may keep of all examples that pass through the network at once: 256 MiB in float32. */
const MAX_NUMBERS = 2 ** 26;

/** Returns how many examples may pass at once: at most `most`, and fewer if a layer has many numbers for each. */
export function limitExamples({ layers }: TrainingPlan['shape'], most: number): number {
  const sizes = layers.map(({ output, kept }) => output.reduce((product, side) => product * side, 1) + kept);
  return Math.max(1, Math.min(most, Math.floor(MAX_NUMBERS / Math.max(...sizes))));
}
