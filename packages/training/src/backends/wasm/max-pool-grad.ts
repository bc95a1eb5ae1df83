import {
  backend_util,
  type KernelFunc,
  type MaxPoolGradAttrs,
  type MaxPoolGradInputs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { NativeKernels } from './native.ts';
import { getPointer, type KernelCall, type WasmKernel } from './tensors.ts';

/**
 * The gradient of max pooling. The backend's kernel is wrong for windows without a positive value and gives ties to the
 * last maximum. This one gives them to the first, like the cpu backend and TensorFlow.
 */
export function maxPoolGrad(native: NativeKernels): WasmKernel {
  const kernel = ({ inputs, attrs, backend }: KernelCall<MaxPoolGradInputs, MaxPoolGradAttrs>): TensorInfo => {
    const x = inputs.input!;
    const dy = inputs.dy!;
    const shape = x.shape as [number, number, number, number];
    const pool = backend_util.computePool2DInfo(
      shape,
      attrs.filterSize,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    );
    const dx = backend.makeOutput(x.shape, 'float32');
    native.maxPoolGradient(
      getPointer(backend, x),
      getPointer(backend, dy),
      getPointer(backend, dx),
      pool.batchSize,
      pool.inHeight,
      pool.inWidth,
      pool.inChannels,
      pool.outHeight,
      pool.outWidth,
      pool.filterHeight,
      pool.filterWidth,
      pool.strideHeight,
      pool.strideWidth,
      pool.padInfo.top,
      pool.padInfo.left,
    );
    return dx;
  };
  return { name: 'MaxPoolGrad', make: () => kernel as unknown as KernelFunc };
}
