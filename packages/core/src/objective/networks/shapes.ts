import type { Layer } from './layers.ts';

/** Shape of one example: [height, width, channels] of an image, [features] of a vector. */
export type Shape = readonly number[];

/** One layer with what it does to a single example. */
export interface LayerShape {
  readonly name: string;
  readonly type: Layer['type'];
  readonly input: Shape;
  readonly output: Shape;
  /** Trained numbers. */
  readonly parameters: number;
  /** Multiply-adds of the forward pass for one example; only convolutions and dense layers count. */
  readonly multiplyAdds: number;
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

function countElements(shape: Shape): number {
  return shape.reduce((product, side) => product * side, 1);
}

function countWindows(side: number, window: number, stride: number, padding: 'same' | 'valid'): number {
  return padding === 'same' ? Math.ceil(side / stride) : Math.floor((side - window) / stride) + 1;
}

/** Extent of the output map of a convolution or pool. @throws ShapeError when the window is larger than the image */
function computeMapShape(
  input: Shape,
  layer: { type: string; padding: 'same' | 'valid'; stride: number },
  window: number,
  index: number,
): [number, number] {
  if (input.length !== 3)
    throw new ShapeError(
      index,
      `a ${layer.type} layer takes images, but ${input.length === 1 ? 'a vector' : 'something else'} ` +
        `comes in; place it before the first dense layer`,
    );
  const [height, width] = [
    countWindows(input[0]!, window, layer.stride, layer.padding),
    countWindows(input[1]!, window, layer.stride, layer.padding),
  ];
  if (height < 1 || width < 1)
    throw new ShapeError(
      index,
      `a ${window}×${window} window does not fit into ${input[0]}×${input[1]}; pad with "same" or leave a pool out`,
    );
  return [height, width];
}

function layerShape(layer: Layer, input: Shape, index: number): LayerShape {
  const plain = { name: layer.name, type: layer.type, input, output: input, parameters: 0, multiplyAdds: 0 };
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
    case 'batch-norm':
      return { ...plain, parameters: 2 * input.at(-1)! };
    default:
      return plain;
  }
}

/**
 * Follows one example through the layers.
 *
 * @param input [height, width, channels] or [features]
 * @throws ShapeError naming the layer's index
 */
export function inferShapes(layers: readonly Layer[], input: Shape): NetworkShape {
  const shapes: LayerShape[] = [];
  let current = input;
  for (const [index, layer] of layers.entries()) {
    const shape = layerShape(layer, current, index);
    shapes.push(shape);
    current = shape.output;
  }
  const sum = (of: (shape: LayerShape) => number) => shapes.reduce((total, shape) => total + of(shape), 0);
  return {
    layers: shapes,
    output: current,
    parameters: sum((s) => s.parameters),
    multiplyAdds: sum((s) => s.multiplyAdds),
    activations: sum((s) => countElements(s.output)),
  };
}
