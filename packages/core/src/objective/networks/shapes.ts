import type { AttentionLayer, ConvLayer, EmbeddingLayer, Layer } from './layers.ts';

/**
 * Shape of one example: [height, width, channels] of an image, [length, 1, channels] of a sequence, [features] of a
 * vector, [length] of tokens.
 */
export type Shape = readonly number[];

/** One layer with what it does to a single example. */
export interface LayerShape {
  readonly name: string;
  readonly type: Layer['type'];
  /** Positions of the layers whose outputs it takes; −1 is the input of the network. */
  readonly sources: readonly number[];
  /** Of the first source. */
  readonly input: Shape;
  readonly output: Shape;
  /** Trained numbers. */
  readonly parameters: number;
  /** Multiply-adds of the forward pass for one example; only layers with matrices count. */
  readonly multiplyAdds: number;
  /** Numbers that the layer keeps for the backward pass in addition to its output, for one example. */
  readonly kept: number;
}

export interface NetworkShape {
  readonly layers: readonly LayerShape[];
  readonly output: Shape;
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** Numbers a forward pass leaves behind for one example, the input not counted. */
  readonly activations: number;
}

/** A layer cannot take what the one before gives it. */
export class ShapeError extends Error {
  readonly layer: number;

  constructor(layer: number, message: string) {
    super(message);
    this.name = 'ShapeError';
    this.layer = layer;
  }
}

/** Returns the positions of the layers whose outputs a layer takes. @throws ShapeError */
function findSources(layers: readonly Layer[], index: number): number[] {
  const layer = layers[index]!;
  const named = 'inputs' in layer ? layer.inputs : [layer.input ?? null];
  return named.map((wanted) => {
    if (wanted === null) return index - 1;
    const source = layers.findIndex(({ name }) => name === wanted);
    if (source === -1 || source >= index)
      throw new ShapeError(index, `takes the output of ${wanted}, which is no earlier layer`);
    return source;
  });
}

/**
 * Returns for each layer the positions of the layers whose outputs it takes; −1 is the input of the network.
 *
 * @throws ShapeError
 */
export function listSources(layers: readonly Layer[]): number[][] {
  return layers.map((_, index) => findSources(layers, index));
}

function countElements(shape: Shape): number {
  return shape.reduce((product, side) => product * side, 1);
}

function countWindows(side: number, window: number, stride: number, padding: 'same' | 'valid'): number {
  return padding === 'same' ? Math.ceil(side / stride) : Math.floor((side - window) / stride) + 1;
}

function requireImages(input: Shape, type: string, index: number): void {
  if (input.length === 3) return;
  throw new ShapeError(
    index,
    `a ${type} layer takes images, but ${input.length === 1 ? 'a vector' : 'something else'} ` +
      `comes in; place it before the first dense layer`,
  );
}

/** Extent of the output map of a convolution or pool. @throws ShapeError when the window is larger than the image */
function computeMapShape(
  input: Shape,
  layer: { type: string; padding: ConvLayer['padding']; stride: number },
  window: number,
  index: number,
): [number, number] {
  requireImages(input, layer.type, index);
  const margin = layer.padding === 'symmetric' ? 2 * Math.floor(window / 2) : 0;
  const padding = layer.padding === 'same' ? 'same' : 'valid';
  const [height, width] = [
    countWindows(input[0]! + margin, window, layer.stride, padding),
    countWindows(input[1]! + margin, window, layer.stride, padding),
  ];
  if (height < 1 || width < 1)
    throw new ShapeError(
      index,
      `a ${window}×${window} window does not fit into ${input[0]}×${input[1]}; pad with "same" or leave a pool out`,
    );
  return [height, width];
}

function layerShape(layer: Layer, inputs: readonly Shape[], index: number): Omit<LayerShape, 'sources'> {
  const input = inputs[0]!;
  const plain = { name: layer.name, type: layer.type, input, output: input, parameters: 0, multiplyAdds: 0, kept: 0 };
  switch (layer.type) {
    case 'conv': {
      const [height, width] = computeMapShape(input, layer, layer.kernel, index);
      const weights = layer.kernel ** 2 * input[2]! * layer.filters;
      return {
        ...plain,
        output: [height, width, layer.filters],
        parameters: weights + (layer.bias ? layer.filters : 0),
        multiplyAdds: weights * height * width,
      };
    }
    case 'pool': {
      const [height, width] = computeMapShape(input, layer, layer.size, index);
      const padded = (side: number, pooled: number) => (pooled - 1) * layer.stride + layer.size > side;
      // Gradients of average pools with padding differ between TensorFlow.js backends.
      if (
        layer.kind === 'average' &&
        layer.padding === 'same' &&
        (padded(input[0]!, height) || padded(input[1]!, width))
      ) {
        throw new ShapeError(
          index,
          'an average pool with padding is not offered; use padding "valid" or a size that divides the image',
        );
      }
      return { ...plain, output: [height, width, input[2]!] };
    }
    case 'dense': {
      const weights = countElements(input) * layer.units;
      return {
        ...plain,
        output: [layer.units],
        parameters: weights + (layer.bias ? layer.units : 0),
        multiplyAdds: weights,
      };
    }
    case 'shortcut': {
      const [height, width] = computeMapShape(input, { ...layer, padding: 'valid' }, 1, index);
      if (layer.filters < input[2]!)
        throw new ShapeError(index, `has ${layer.filters} filters, fewer than the ${input[2]} channels that come in`);
      return { ...plain, output: [height, width, layer.filters] };
    }
    case 'global-average-pool':
      requireImages(input, layer.type, index);
      return { ...plain, output: [input[2]!] };
    case 'embedding':
      return { ...plain, ...embeddingShape(layer, input, index) };
    case 'position':
      requirePlaces(input, layer.type, index);
      return { ...plain, parameters: countElements(input) };
    case 'attention':
      return { ...plain, ...attentionShape(layer, input, index) };
    case 'add':
      requireEqual(inputs, layer.inputs, index);
      return plain;
    case 'concat':
      requireEqual(
        inputs.map((shape) => shape.slice(0, -1)),
        layer.inputs,
        index,
      );
      return { ...plain, output: [...input.slice(0, -1), inputs.reduce((sum, shape) => sum + shape.at(-1)!, 0)] };
    case 'layer-norm':
    case 'batch-norm':
      return { ...plain, parameters: 2 * input.at(-1)! };
    default:
      return plain;
  }
}

function requirePlaces(input: Shape, type: string, index: number): void {
  if (input.length === 3) return;
  throw new ShapeError(
    index,
    `the ${type} layer takes a sequence or an image, but a vector comes in; place it after an embedding and before ` +
      'the first dense layer',
  );
}

/** @throws ShapeError when no tokens come in */
function embeddingShape({ vocabulary, channels }: EmbeddingLayer, input: Shape, index: number) {
  if (input.length !== 1)
    throw new ShapeError(
      index,
      `the embedding layer takes a list of tokens, but ${input.join('×')} comes in; make it the first layer, with a ` +
        'data set of tokens',
    );
  const [length] = input as [number];
  const parameters = vocabulary * channels;
  // Tokens are multiplied as vectors of zeros and a one.
  return {
    output: [length, 1, channels],
    parameters,
    multiplyAdds: length * parameters,
    kept: length * vocabulary,
  };
}

/** @throws ShapeError when the heads do not divide the channels */
function attentionShape({ heads }: AttentionLayer, input: Shape, index: number) {
  requirePlaces(input, 'attention', index);
  const [places, channels] = [input[0]! * input[1]!, input[2]!];
  if (channels % heads !== 0)
    throw new ShapeError(index, `${channels} channels come in, which ${heads} heads do not divide; change one of them`);
  const parameters = 4 * channels ** 2;
  return {
    parameters,
    multiplyAdds: places * parameters + 2 * places ** 2 * channels,
    // Queries, keys, values, their weighted means, and the weights of each head.
    kept: 4 * places * channels + heads * places ** 2,
  };
}

/** @throws ShapeError when the shapes differ */
function requireEqual(shapes: readonly Shape[], names: readonly string[], index: number): void {
  const other = shapes.findIndex((shape) => shape.join() !== shapes[0]!.join());
  if (other === -1) return;
  const [first, second] = [shapes[0]!, shapes[other]!].map((shape) => shape.join('×') || 'vectors');
  throw new ShapeError(index, `joins ${names[0]} (${first}) and ${names[other]} (${second}), which must be equal`);
}

/**
 * Follows one example through the layers.
 *
 * @param input [height, width, channels] or [features]
 * @throws ShapeError naming the layer's index
 */
export function inferShapes(layers: readonly Layer[], input: Shape): NetworkShape {
  const shapes: LayerShape[] = [];
  const allSources = listSources(layers);
  for (const [index, layer] of layers.entries()) {
    const sources = allSources[index]!;
    const inputs = sources.map((source) => (source === -1 ? input : shapes[source]!.output));
    shapes.push({ ...layerShape(layer, inputs, index), sources });
  }
  const used = new Set(shapes.flatMap(({ sources }) => sources));
  const idle = shapes.findIndex((_, index) => index < shapes.length - 1 && !used.has(index));
  if (idle !== -1)
    throw new ShapeError(idle, 'no layer takes its output; name it as the input of one, or leave it out');
  const sum = (of: (shape: LayerShape) => number) => shapes.reduce((total, shape) => total + of(shape), 0);
  return {
    layers: shapes,
    output: shapes.at(-1)!.output,
    parameters: sum((s) => s.parameters),
    multiplyAdds: sum((s) => s.multiplyAdds),
    activations: sum((s) => countElements(s.output) + s.kept),
  };
}
