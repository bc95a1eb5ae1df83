import { planTraining, type TrainingObjectiveInput } from '@gradsmith/core/objective';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import { drawWeights, initialSd, type WeightSpec } from '../../src/engine/initialize.ts';
import { NetworkRuntime } from '../../src/engine/network.ts';
import { drawNormals, createStream } from '../../src/engine/streams.ts';
import { mapArray, ndarray, type NdArray, countElements } from '../reference/array.ts';
import { compareGradients, currentOps, createObjective, relativeError, sgd, readWeights } from './helpers.ts';

type Kind = 'feedback-alignment' | 'direct-feedback-alignment' | 'sign-symmetry' | 'mixed';

const base: Omit<TrainingObjectiveInput, 'kind'> = {
  dataset: { name: 'mnist' },
  network: { name: 'cnn', filters: [3, 4] },
  optimizer: sgd,
};
const SCALE = 1.5;
const ALPHA = 0.3;

/** Returns the layer's weights and its position in the network. */
const LAYERS: Record<string, { index: number; spec: WeightSpec; input: number[] }> = {
  conv2: {
    index: 4,
    spec: { shape: [3, 3, 3, 4], fanIn: 27, fanOut: 36, init: 'he-normal', sd: 0.01 },
    input: [14, 14, 3],
  },
  fc: {
    index: 8,
    spec: { shape: [196, 10], fanIn: 196, fanOut: 10, init: 'glorot-uniform', sd: 0.01 },
    input: [7, 7, 4],
  },
};

/** Returns the expected replacement of the layer's weights in the backward pass. */
async function expectedMatrix(kind: Kind, layer: string): Promise<NdArray> {
  const { index, spec, input } = LAYERS[layer]!;
  const random = createStream(0, 'feedback', index);
  const sd = SCALE * initialSd(spec);
  if (kind === 'feedback-alignment')
    return mapArray(ndarray(spec.shape, drawWeights(spec, random)), (value) => SCALE * value);
  if (kind === 'direct-feedback-alignment')
    return ndarray([10, countElements(input)], drawNormals(10 * countElements(input), sd, random));
  const spec0 = createObjective(base);
  const network = new NetworkRuntime(planTraining(spec0), { seed: 0, backward: [], frozen: [], ops: currentOps() });
  const weights = (await readWeights(network, network.start()))[index]![0]!;
  network.dispose();
  if (kind === 'sign-symmetry') return mapArray(weights, (value) => sd * Math.sign(value));
  const drawn = drawWeights(spec, random);
  return mapArray(weights, (value, i) => ALPHA * value + (1 - ALPHA) * SCALE * drawn[i]!);
}

beforeAll(async () => {
  await useBackend('wasm');
});

describe.each(['feedback-alignment', 'direct-feedback-alignment', 'sign-symmetry', 'mixed'] as const)('%s', (kind) => {
  it.each(Object.keys(LAYERS))('replaces the transpose of %s and nothing else', async (layer) => {
    const spec = createObjective({ ...base, backward: [{ layer, transpose: { kind, scale: SCALE, alpha: ALPHA } }] });
    const feedback = { [layer]: await expectedMatrix(kind, layer) };
    const replaced = await compareGradients(spec, { reference: { feedback } });
    const plain = await compareGradients(createObjective(base));
    const expected = replaced.reference.gradients.flat();
    for (const [i, name] of replaced.names.entries())
      expect(relativeError(replaced.gradients[i]!, expected[i]!.data), name).toBeLessThan(1e-4);
    expect(replaced.gradients.at(-2)).toEqual(plain.gradients.at(-2));
    expect(relativeError(replaced.gradients[0]!, plain.gradients[0]!)).toBeGreaterThan(0.1);
  });
});
