import { z } from 'zod';
import type { Problem } from '../domain/problem.ts';
import { MAX_RECORDED_NUMBERS, MAX_SNAPSHOTS } from '../domain/recording.ts';
import { layerName, type Layer } from './networks/layers.ts';
import type { NetworkShape } from './networks/shapes.ts';

/** What a training keeps of the weights that it goes through. */
export const recordSchema = z.strictObject({
  weights: layerName.describe('The convolution or dense layer whose weights are kept'),
  every: z.int().min(1).max(750_000).default(1).describe('Steps from one snapshot to the next; the last step has one'),
});

export type WeightRecord = z.infer<typeof recordSchema>;

/** The layers of a network, and the length of its training. */
interface Plan {
  readonly layers: readonly Layer[];
  readonly shape: NetworkShape;
  readonly steps: number;
}

/** Returns the steps after which the weights are kept: 0, every, 2 · every, … and the last. */
export function listSnapshotSteps(steps: number, every: number): number[] {
  const regular = Array.from({ length: Math.floor(steps / every) + 1 }, (_, i) => i * every);
  return regular.at(-1) === steps ? regular : [...regular, steps];
}

/** Returns the shape of the recorded weights, or null if the layer has none. */
export function findRecordedShape({ layers, shape }: Pick<Plan, 'layers' | 'shape'>, name: string): number[] | null {
  const index = layers.findIndex((layer) => layer.name === name);
  const layer = layers[index];
  const input = shape.layers[index]?.input;
  if (!layer || !input) return null;
  if (layer.type === 'dense') return [input.reduce((product, side) => product * side, 1), layer.units];
  if (layer.type === 'conv') return [layer.kernel, layer.kernel, input.at(-1)!, layer.filters];
  return null;
}

/** Lists why the weights of the objective's `record` cannot be kept. */
export function listRecordProblems(plan: Plan, record: WeightRecord, frozen: readonly string[]): Problem[] {
  const refuse = (field: string, message: string): Problem[] => [{ path: ['record', field], message }];
  const shape = findRecordedShape(plan, record.weights);
  if (!shape) {
    const offered = plan.layers.filter(({ type }) => type === 'dense' || type === 'conv').map(({ name }) => name);
    return refuse('weights', `must be a convolution or dense layer of the network: ${offered.join(', ')}`);
  }
  if (frozen.includes(record.weights))
    return refuse('weights', `${record.weights} is frozen, so its weights do not change; choose a layer that learns`);
  const snapshots = Math.ceil(plan.steps / record.every) + 1;
  const size = shape.reduce((product, side) => product * side, 1);
  const most = Math.min(MAX_SNAPSHOTS, Math.floor(MAX_RECORDED_NUMBERS / size));
  if (snapshots <= most) return [];
  if (most < 2)
    return refuse(
      'weights',
      `${record.weights} has ${size} weights, and ${MAX_RECORDED_NUMBERS / 2} is the limit; choose a smaller layer`,
    );
  const every = Math.ceil(plan.steps / (most - 1));
  return refuse(
    'every',
    `makes ${snapshots} snapshots of ${size} weights, and ${most} is the limit; set every to at least ${every}`,
  );
}
