import type { Dataset } from '@gradsmith/core/objective';
import type { DataSet, Examples } from './data-set.ts';
import { randomSource, type RandomSource } from './random.ts';

type MarkedLetter = Extract<Dataset, { name: 'marked-letter' }>;

/**
 * Creates sequences of random letters in which one mark stands at a random place, but not at the end. The class is the
 * letter that follows the mark. Letters are the tokens from 0, and the mark is the last token. Training and validation
 * examples have separate random streams.
 */
export function createMarkedLetters(spec: MarkedLetter): DataSet {
  return {
    name: spec.name,
    shape: [spec.length],
    classes: spec.letters,
    hash: `marked-letter-v1-${spec.length}-${spec.letters}-${spec.seed}`,
    channels: [],
    train: drawSequences(spec, spec.train, randomSource(spec.seed, 1)),
    validation: drawSequences(spec, spec.validation, randomSource(spec.seed, 2)),
  };
}

function drawSequences({ length, letters }: MarkedLetter, count: number, random: RandomSource): Examples {
  const inputs = new Float32Array(count * length);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const mark = Math.floor(random() * (length - 1));
    for (let j = 0; j < length; j++) inputs[i * length + j] = Math.floor(random() * letters);
    inputs[i * length + mark] = letters;
    labels[i] = inputs[i * length + mark + 1]!;
  }
  return { count, inputs, labels };
}
