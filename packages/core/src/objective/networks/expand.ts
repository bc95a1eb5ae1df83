import type { ActivationName } from '../derivatives/catalogue.ts';
import { type Layer, layerSchema } from './layers.ts';
import type { Network } from './schema.ts';
import { simplenet, simplenetSlim } from './simplenet.ts';

function layer(description: { type: Layer['type']; name: string } & Record<string, unknown>): Layer {
  return layerSchema.parse(description);
}

function mlp(hidden: readonly number[], bias: boolean, activation: ActivationName, classes: number): Layer[] {
  const blocks = hidden.flatMap((units, i) => [
    layer({ type: 'dense', name: `fc${i + 1}`, units, bias }),
    layer({ type: 'activation', name: `relu${i + 1}`, function: activation }),
  ]);
  return [
    ...blocks,
    layer({ type: 'dense', name: `fc${hidden.length + 1}`, units: classes, bias, init: 'glorot-uniform' }),
  ];
}

function cnn(filters: readonly number[], batchNorm: boolean, activation: ActivationName, classes: number): Layer[] {
  const blocks = filters.flatMap((count, i) => [
    layer({ type: 'conv', name: `conv${i + 1}`, filters: count, bias: !batchNorm }),
    ...(batchNorm ? [layer({ type: 'batch-norm', name: `bn${i + 1}` })] : []),
    layer({ type: 'activation', name: `relu${i + 1}`, function: activation }),
    layer({ type: 'pool', name: `pool${i + 1}`, padding: 'same' }),
  ]);
  return [...blocks, layer({ type: 'dense', name: 'fc', units: classes, init: 'glorot-uniform' })];
}

function lenet(width: number, activation: ActivationName, classes: number): Layer[] {
  const scaled = (count: number) => Math.max(1, Math.round(count * width));
  const relu = (i: number) => layer({ type: 'activation', name: `relu${i}`, function: activation });
  return [
    layer({ type: 'conv', name: 'conv1', filters: scaled(6), kernel: 5 }),
    relu(1),
    layer({ type: 'pool', name: 'pool1' }),
    layer({ type: 'conv', name: 'conv2', filters: scaled(16), kernel: 5, padding: 'valid' }),
    relu(2),
    layer({ type: 'pool', name: 'pool2' }),
    layer({ type: 'dense', name: 'fc1', units: scaled(120) }),
    relu(3),
    layer({ type: 'dense', name: 'fc2', units: scaled(84) }),
    relu(4),
    layer({ type: 'dense', name: 'fc3', units: classes, init: 'glorot-uniform' }),
  ];
}

/**
 * The layers of a network, from input to logits: named and custom networks have the same form. Activation layers of
 * named networks are called relu1, relu2, … whatever their function.
 */
export function expandNetwork(network: Network, classes: number): Layer[] {
  switch (network.name) {
    case 'simplenet':
      return simplenet(network.width, network.dropout, network.activation, classes);
    case 'simplenet-slim':
      return simplenetSlim(network.width, network.dropout, network.activation, classes);
    case 'mlp':
      return mlp(network.hidden, network.bias, network.activation, classes);
    case 'cnn':
      return cnn(network.filters, network.batchNorm, network.activation, classes);
    case 'lenet':
      return lenet(network.width, network.activation, classes);
    default:
      return network.layers;
  }
}
