import type { Layer, LayerReplacement, LayerShape } from '@gradsmith/core/objective';
import { createActivation } from './activation.ts';
import { createAttention } from './attention.ts';
import { batchNorm } from './batch-norm.ts';
import { createConv } from './conv.ts';
import { createDense } from './dense.ts';
import { createDropout } from './dropout.ts';
import { createEmbedding } from './embedding.ts';
import { createGlobalAveragePool } from './global-average-pool.ts';
import { createAdd, createConcat } from './join.ts';
import { createLayerNorm } from './layer-norm.ts';
import type { LayerContext, RuntimeLayer } from './layer.ts';
import { createPool } from './pool.ts';
import { createPosition } from './position.ts';
import { createShortcut } from './shortcut.ts';

/** Creates the computation of a layer, with what replaces its backward pass. */
export function createRuntimeLayer(
  layer: Layer,
  shape: LayerShape,
  replacement: LayerReplacement | undefined,
  context: LayerContext,
): RuntimeLayer {
  switch (layer.type) {
    case 'conv':
      return createConv(layer, shape.input, replacement, context);
    case 'dense':
      return createDense(layer, shape.input, replacement, context);
    case 'batch-norm':
      return batchNorm(layer, shape.input.at(-1)!, context);
    case 'pool':
      return createPool(layer);
    case 'dropout':
      return createDropout(layer, shape.input, context);
    case 'activation':
      return createActivation(layer, shape.input, replacement, context);
    case 'layer-norm':
      return createLayerNorm(layer, shape.input.at(-1)!, context);
    case 'global-average-pool':
      return createGlobalAveragePool(layer.name, shape.input);
    case 'shortcut':
      return createShortcut(layer, shape.input);
    case 'embedding':
      return createEmbedding(layer, shape.input);
    case 'position':
      return createPosition(layer, shape.input, context);
    case 'attention':
      return createAttention(layer, shape.input);
    case 'add':
      return createAdd(layer.name);
    case 'concat':
      return createConcat(layer.name);
  }
}
