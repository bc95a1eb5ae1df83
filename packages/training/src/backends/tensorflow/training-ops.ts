import {
  backend,
  div,
  reshape,
  tensor1d,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Batch, KernelOps } from '../../kernels/kernel-ops.ts';
import type { Attribute, TensorflowBackend } from './addon.ts';
import { compileComputation } from './compile.ts';

/**
 * TensorFlow's fused operations, called by name. TensorFlow.js composes these steps from many small operations, which
 * takes half of the training time.
 */
export const tensorflowOps: KernelOps = {
  compile: compileComputation,

  batchNorm(x, scale, offset, [mean, variance], { epsilon, momentum }) {
    const inputs = [asImages(x), scale, offset, mean, variance];
    const [y, ...made] = callOperation('FusedBatchNormV3', inputs, 6, {
      epsilon,
      exponential_avg_factor: 1 - momentum,
    }) as [Tensor4D, ...Tensor[]];
    const [movingMean, movingVariance, ...saved] = made as [Tensor1D, Tensor1D, ...Tensor[]];
    return { y: reshape(y, x.shape) as Batch, moving: [movingMean, movingVariance], saved };
  },

  batchNormGrad(dy, x, scale, epsilon, saved) {
    const inputs = [asImages(dy), asImages(x), scale, ...saved];
    const [dx, dScale, dOffset] = callOperation('FusedBatchNormGradV3', inputs, 5, { epsilon }) as [
      Tensor4D,
      Tensor1D,
      Tensor1D,
    ];
    return { dx: reshape(dx, x.shape) as Batch, dScale, dOffset };
  },

  reluGrad(dy, z) {
    const { executor, type } = getBackend();
    return executor.executeSingleOutput('ReluGrad', [type('T')], [dy, z]) as Batch;
  },

  sumToChannels(dy) {
    const { executor, type, text } = getBackend();
    return executor.executeSingleOutput('BiasAddGrad', [type('T'), text('data_format', 'NHWC')], [dy]) as Tensor1D;
  },

  softmaxCrossEntropy(logits, labels) {
    const { executor, type } = getBackend();
    const outputs = executor.executeMultipleOutputs('SoftmaxCrossEntropyWithLogits', [type('T')], [logits, labels], 2);
    const [losses, errors] = outputs as [Tensor1D, Tensor2D];
    const loss = executor.executeSingleOutput('Mean', [type('T')], [losses, tensor1d([0], 'int32')]) as Scalar;
    return { loss, dLogits: div<Tensor2D>(errors, logits.shape[0]) };
  },
};

function callOperation(
  name: string,
  inputs: Tensor[],
  outputs: number,
  numbers: Readonly<Record<string, number>>,
): object[] {
  const { executor, type, text } = getBackend();
  const { TF_ATTR_FLOAT, TF_ATTR_BOOL } = executor.binding;
  const attributes: Attribute[] = [
    type('T'),
    type('U'),
    text('data_format', 'NHWC'),
    { name: 'is_training', type: TF_ATTR_BOOL, value: true },
    ...Object.entries(numbers).map(([each, value]) => ({ name: each, type: TF_ATTR_FLOAT, value })),
  ];
  return executor.executeMultipleOutputs(name, attributes, inputs, outputs);
}

function getBackend() {
  const executor = backend() as unknown as TensorflowBackend;
  const { TF_ATTR_TYPE, TF_ATTR_STRING, TF_FLOAT } = executor.binding;
  return {
    executor,
    type: (name: string): Attribute => ({ name, type: TF_ATTR_TYPE, value: TF_FLOAT }),
    text: (name: string, value: string): Attribute => ({ name, type: TF_ATTR_STRING, value }),
  };
}

/** Fused batch norm accepts only images, so vectors become images of one pixel. */
function asImages(x: Batch): Tensor4D {
  return (x.shape.length === 4 ? x : reshape(x, [x.shape[0], 1, 1, x.shape[1]!])) as Tensor4D;
}
