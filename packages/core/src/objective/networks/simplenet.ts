import { type ActivationLayer, type Layer, layerSchema } from './layers.ts';

type Step = 'bn' | 'relu' | 'drop' | 'pool';

interface Row {
  readonly kernel: 1 | 3;
  readonly init: 'lecun-uniform' | 'normal';
  readonly after: readonly Step[];
}

/**
 * The thirteen convolutions of SimpleNet v1 (Hasanpour et al. 2016, arXiv:1608.06037; the authors' Caffe model with
 * 95.32 % on CIFAR-10) and what follows each. Caffe's "xavier" is uniform with variance 1/fan-in; `normal` has sd .01.
 */
const ROWS: readonly Row[] = [
  { kernel: 3, init: 'lecun-uniform', after: ['bn', 'relu', 'drop'] },
  { kernel: 3, init: 'lecun-uniform', after: ['bn', 'relu', 'drop'] },
  { kernel: 3, init: 'normal', after: ['bn', 'relu', 'drop'] },
  { kernel: 3, init: 'normal', after: ['bn', 'relu', 'pool', 'drop'] },
  { kernel: 3, init: 'normal', after: ['bn', 'relu', 'drop'] },
  { kernel: 3, init: 'lecun-uniform', after: ['bn', 'relu', 'drop'] },
  { kernel: 3, init: 'lecun-uniform', after: ['pool', 'bn', 'relu', 'drop'] },
  { kernel: 3, init: 'lecun-uniform', after: ['bn', 'relu', 'drop'] },
  { kernel: 3, init: 'lecun-uniform', after: ['bn', 'relu', 'drop', 'pool'] },
  { kernel: 3, init: 'lecun-uniform', after: ['bn', 'relu', 'drop'] },
  { kernel: 1, init: 'lecun-uniform', after: ['relu', 'drop'] },
  { kernel: 1, init: 'lecun-uniform', after: ['relu', 'pool', 'drop'] },
  { kernel: 3, init: 'lecun-uniform', after: ['relu', 'pool'] },
];

const FILTERS = [64, 128, 128, 128, 128, 128, 256, 256, 256, 512, 2048, 256, 256];
const SLIM_FILTERS = [64, 32, 32, 32, 32, 32, 64, 64, 64, 128, 256, 64, 64];

/** The settings of SimpleNet in a job file. */
interface SimpleNet {
  readonly width: number;
  readonly dropout: number;
  readonly activation: ActivationLayer['function'];
  readonly levels?: number | undefined;
}

function buildLayers(filters: readonly number[], network: SimpleNet, classes: number): Layer[] {
  const { width, dropout, activation, levels } = network;
  const layers: unknown[] = [];
  for (const [i, row] of ROWS.entries()) {
    const number = i + 1;
    const count = Math.max(1, Math.round(filters[i]! * width));
    const steps: Record<Step, unknown> = {
      bn: { type: 'batch-norm', name: `bn${number}` },
      relu: { type: 'activation', name: `relu${number}`, function: activation, levels },
      drop: { type: 'dropout', name: `drop${number}`, rate: dropout },
      // Caffe rounds the size of a pooled map up, as 'same' does: 28×28 images get through all five pools.
      pool: { type: 'pool', name: `pool${number}`, padding: 'same' },
    };
    layers.push({ type: 'conv', name: `conv${number}`, filters: count, kernel: row.kernel, init: row.init, sd: 0.01 });
    for (const step of row.after) layers.push(steps[step]);
  }
  layers.push({ type: 'dense', name: 'fc', units: classes, init: 'lecun-uniform' });
  return layers.map((layer) => layerSchema.parse(layer));
}

/** SimpleNet v1; width 1 has 5,493,258 parameters with three channels and ten classes. */
export function simplenet(network: SimpleNet, classes: number): Layer[] {
  return buildLayers(FILTERS, network, classes);
}

/** The authors' slim variant: the same order of layers with fewer filters, 311,594 parameters. */
export function simplenetSlim(network: SimpleNet, classes: number): Layer[] {
  return buildLayers(SLIM_FILTERS, network, classes);
}
