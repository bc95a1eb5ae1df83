import type { DatasetShape } from '../dataset.ts';
import { type ActivationLayer, type Layer, layerSchema } from './layers.ts';

/** The settings of a transformer in a job file. */
interface Transformer {
  readonly blocks: number;
  readonly heads: number;
  readonly channels: number;
  readonly hidden?: number | undefined;
  readonly dropout: number;
  readonly activation: ActivationLayer['function'];
  readonly levels?: number | undefined;
}

/**
 * The encoder of Vaswani et al. 2017 (arXiv:1706.03762) with learned positions and layer norm before each part of a
 * block (Xiong et al. 2020), then the mean over all tokens and a dense layer. Dense layers that treat each token by
 * itself are convolutions with kernel 1 (section 3.3 there).
 */
export function transformer(
  network: Transformer,
  { classes, vocabulary = 1 }: Pick<DatasetShape, 'classes' | 'vocabulary'>,
): Layer[] {
  const { blocks, heads, channels, hidden = 4 * channels, dropout, levels } = network;
  const layers: unknown[] = [
    { type: 'embedding', name: 'embed', vocabulary, channels },
    { type: 'position', name: 'position' },
  ];
  let source = 'position';
  const norm = (name: string) => layers.push({ type: 'layer-norm', name, over: 'channels' });
  /** Adds what `name` gives to the input of this part of the block. */
  const join = (name: string, part: string) => {
    if (dropout > 0) layers.push({ type: 'dropout', name: `drop-${name}`, rate: dropout });
    layers.push({ type: 'add', name: part, inputs: [dropout > 0 ? `drop-${name}` : name, source] });
    source = part;
  };
  for (let block = 1; block <= blocks; block++) {
    norm(`norm${2 * block - 1}`);
    layers.push({ type: 'attention', name: `attention${block}`, heads });
    join(`attention${block}`, `add${2 * block - 1}`);
    norm(`norm${2 * block}`);
    layers.push({ type: 'conv', name: `up${block}`, filters: hidden, kernel: 1 });
    layers.push({ type: 'activation', name: `relu${block}`, function: network.activation, levels });
    layers.push({ type: 'conv', name: `down${block}`, filters: channels, kernel: 1, init: 'glorot-uniform' });
    join(`down${block}`, `add${2 * block}`);
  }
  norm('norm');
  layers.push({ type: 'global-average-pool', name: 'pool' }, { type: 'dense', name: 'fc', units: classes });
  return layers.map((layer) => layerSchema.parse(layer));
}
