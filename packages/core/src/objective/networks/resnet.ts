import { type ActivationLayer, type Layer, layerSchema } from './layers.ts';

/** The settings of a residual network in a job file. */
interface ResNet {
  readonly depth: number;
  readonly shortcut: 'identity' | 'projection';
  readonly width: number;
  readonly activation: ActivationLayer['function'];
  readonly levels?: number | undefined;
}

const STAGES = [16, 32, 64];

/**
 * The residual network for CIFAR-10 of He et al. 2016 (arXiv:1512.03385, section 4.2) with 6n + 2 layers: a
 * convolution, three stages of n blocks with 16, 32 and 64 filters, global average pooling and a dense layer. ResNet-20
 * has 269,722 parameters with identity shortcuts, as published, and 272,474 with projections where the size changes.
 */
export function resnet(network: ResNet, classes: number): Layer[] {
  const layers: unknown[] = [];
  let convolutions = 0;
  let source = '';

  const norm = (name: string) => layers.push({ type: 'batch-norm', name, momentum: 0.9 });
  const relu = () => {
    const { activation, levels } = network;
    layers.push({ type: 'activation', name: `relu${convolutions}`, function: activation, levels });
  };
  const conv = (filters: number, stride: number) => {
    const name = `conv${++convolutions}`;
    layers.push({ type: 'conv', name, filters, stride, padding: 'symmetric', bias: false });
    norm(`bn${convolutions}`);
  };
  /** Adds the shortcut of a block from `source`, and returns the name of its last layer. */
  const shortcut = (block: number, filters: number, stride: number): string => {
    if (network.shortcut === 'identity') {
      layers.push({ type: 'shortcut', name: `shortcut${block}`, input: source, filters, stride });
      return `shortcut${block}`;
    }
    layers.push({ type: 'conv', name: `proj${block}`, input: source, filters, stride, kernel: 1, bias: false });
    norm(`projbn${block}`);
    return `projbn${block}`;
  };

  const filtersOf = (stage: number) => Math.max(1, Math.round(STAGES[stage]! * network.width));
  conv(filtersOf(0), 1);
  relu();
  source = 'relu1';
  const blocks = (network.depth - 2) / 6;
  for (let block = 1; block <= 3 * blocks; block++) {
    const stage = Math.floor((block - 1) / blocks);
    const resized = stage > 0 && (block - 1) % blocks === 0;
    const [filters, stride] = [filtersOf(stage), resized ? 2 : 1];
    conv(filters, stride);
    relu();
    conv(filters, 1);
    const main = `bn${convolutions}`;
    const side = resized ? shortcut(block, filters, stride) : source;
    layers.push({ type: 'add', name: `add${block}`, inputs: [main, side] });
    relu();
    source = `relu${convolutions}`;
  }
  layers.push({ type: 'global-average-pool', name: 'pool' }, { type: 'dense', name: 'fc', units: classes });
  return layers.map((layer) => layerSchema.parse(layer));
}
