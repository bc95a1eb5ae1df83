import type { DatasetShape } from '../dataset.ts';
import { type Layer, layerSchema } from './layers.ts';
import { resnet } from './resnet.ts';
import type { Network } from './schema.ts';
import { simplenet, simplenetSlim } from './simplenet.ts';
import { transformer } from './transformer.ts';
import { vgg } from './vgg.ts';

function layer(description: { type: Layer['type']; name: string } & Record<string, unknown>): Layer {
  return layerSchema.parse(description);
}

type Named<Name extends string> = Extract<Network, { name: Name }>;

/** The activation layer `relu<number>` of a named network. */
function relu(number: number, { activation, levels }: Pick<Named<'mlp'>, 'activation' | 'levels'>): Layer {
  return layer({ type: 'activation', name: `relu${number}`, function: activation, levels });
}

function mlp(network: Named<'mlp'>, classes: number): Layer[] {
  const { hidden, bias } = network;
  const blocks = hidden.flatMap((units, i) => [
    layer({ type: 'dense', name: `fc${i + 1}`, units, bias }),
    relu(i + 1, network),
  ]);
  return [
    ...blocks,
    layer({ type: 'dense', name: `fc${hidden.length + 1}`, units: classes, bias, init: 'glorot-uniform' }),
  ];
}

function cnn(network: Named<'cnn'>, classes: number): Layer[] {
  const { filters, batchNorm } = network;
  const blocks = filters.flatMap((count, i) => [
    layer({ type: 'conv', name: `conv${i + 1}`, filters: count, bias: !batchNorm }),
    ...(batchNorm ? [layer({ type: 'batch-norm', name: `bn${i + 1}` })] : []),
    relu(i + 1, network),
    layer({ type: 'pool', name: `pool${i + 1}`, padding: 'same' }),
  ]);
  return [...blocks, layer({ type: 'dense', name: 'fc', units: classes, init: 'glorot-uniform' })];
}

function lenet(network: Named<'lenet'>, classes: number): Layer[] {
  const scaled = (count: number) => Math.max(1, Math.round(count * network.width));
  return [
    layer({ type: 'conv', name: 'conv1', filters: scaled(6), kernel: 5 }),
    relu(1, network),
    layer({ type: 'pool', name: 'pool1' }),
    layer({ type: 'conv', name: 'conv2', filters: scaled(16), kernel: 5, padding: 'valid' }),
    relu(2, network),
    layer({ type: 'pool', name: 'pool2' }),
    layer({ type: 'dense', name: 'fc1', units: scaled(120) }),
    relu(3, network),
    layer({ type: 'dense', name: 'fc2', units: scaled(84) }),
    relu(4, network),
    layer({ type: 'dense', name: 'fc3', units: classes, init: 'glorot-uniform' }),
  ];
}

/**
 * The layers of a network, from input to logits: named and custom networks have the same form. Activation layers of
 * named networks are called relu1, relu2, … whatever their function.
 */
export function expandNetwork(network: Network, dataset: Pick<DatasetShape, 'classes' | 'vocabulary'>): Layer[] {
  const { classes } = dataset;
  switch (network.name) {
    case 'simplenet':
      return simplenet(network, classes);
    case 'simplenet-slim':
      return simplenetSlim(network, classes);
    case 'mlp':
      return mlp(network, classes);
    case 'cnn':
      return cnn(network, classes);
    case 'lenet':
      return lenet(network, classes);
    case 'resnet':
      return resnet(network, classes);
    case 'vgg':
      return vgg(network, classes);
    case 'transformer':
      return transformer(network, dataset);
    default:
      return network.layers;
  }
}
