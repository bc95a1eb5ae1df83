import {
  backend_util,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { NativeKernels } from './native.ts';
import { getPointer, requireChannelsLast, type KernelCall, type WasmKernel } from './tensors.ts';

/** The gradient of a convolution with respect to its filter, which the wasm backend lacks. */
export function conv2DBackpropFilter(native: NativeKernels): WasmKernel {
  const kernel = ({
    inputs,
    attrs,
    backend,
  }: KernelCall<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>): TensorInfo => {
    const { strides, pad, dimRoundingMode, filterShape, dataFormat } = attrs;
    requireChannelsLast('Conv2DBackpropFilter', dataFormat);
    const x = inputs.x!;
    const dy = inputs.dy!;
    const shape = x.shape as [number, number, number, number];
    const conv = backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode);
    const dw = backend.makeOutput(filterShape, 'float32');
    native.convFilterGradient(
      getPointer(backend, x),
      getPointer(backend, dy),
      getPointer(backend, dw),
      conv.batchSize,
      conv.inHeight,
      conv.inWidth,
      conv.inChannels,
      conv.outHeight,
      conv.outWidth,
      conv.outChannels,
      conv.filterHeight,
      conv.filterWidth,
      conv.strideHeight,
      conv.strideWidth,
      conv.padInfo.top,
      conv.padInfo.left,
    );
    return dw;
  };
  return { name: 'Conv2DBackpropFilter', make: () => kernel as unknown as KernelFunc };
}
