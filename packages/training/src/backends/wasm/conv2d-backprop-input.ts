import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  backend_util,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { NativeKernels } from './native.ts';
import {
  freeTensors,
  getPointer,
  requireChannelsLast,
  runKernel,
  type KernelCall,
  type WasmKernel,
} from './tensors.ts';

type Shape4D = [number, number, number, number];

/**
 * The gradient of a convolution with respect to its input, ten times as fast as the backend's kernel. It is a forward
 * convolution (XNNPACK) of dy with the filter rotated by 180° and its channels swapped. If the stride is above 1, zeros
 * are inserted between the entries of dy.
 */
export function conv2DBackpropInput(native: NativeKernels): WasmKernel {
  return {
    name: 'Conv2DBackpropInput',
    make: (original) => {
      const kernel = (call: KernelCall<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>): TensorInfo => {
        const { inputs, attrs, backend } = call;
        requireChannelsLast('Conv2DBackpropInput', attrs.dataFormat);
        const dy = inputs.dy!;
        const filter = inputs.filter!;
        const conv = backend_util.computeConv2DInfo(
          attrs.inputShape,
          filter.shape as Shape4D,
          attrs.strides,
          1,
          attrs.pad,
          attrs.dimRoundingMode,
        );
        const top = conv.filterHeight - 1 - conv.padInfo.top;
        const left = conv.filterWidth - 1 - conv.padInfo.left;
        const bottom = conv.inHeight + conv.filterHeight - 2 - top - (conv.outHeight - 1) * conv.strideHeight;
        const right = conv.inWidth + conv.filterWidth - 2 - left - (conv.outWidth - 1) * conv.strideWidth;
        // The padding exceeds the reach of the filter: a forward convolution has no negative padding.
        if (Math.min(top, left, bottom, right) < 0) return original!(call as never) as TensorInfo;

        const turned = turnFilter(native, backend, filter);
        const dense = spreadGradient(native, backend, dy, conv);
        const dx = runKernel(
          backend,
          'Conv2D',
          { x: dense, filter: turned },
          {
            strides: [1, 1],
            dilations: [1, 1],
            dataFormat: 'NHWC',
            dimRoundingMode: undefined as never,
            pad: [
              [0, 0],
              [top, bottom],
              [left, right],
              [0, 0],
            ] as never,
          },
        );
        freeTensors(backend, turned);
        if (dense !== dy) freeTensors(backend, dense);
        return dx;
      };
      return kernel as unknown as KernelFunc;
    },
  };
}

function turnFilter(native: NativeKernels, backend: BackendWasm, filter: TensorInfo): TensorInfo {
  const [height, width, cin, cout] = filter.shape as Shape4D;
  const turned = backend.makeOutput([height, width, cout, cin], 'float32');
  native.flipFilter(getPointer(backend, filter), getPointer(backend, turned), height, width, cin, cout);
  return turned;
}

function spreadGradient(
  native: NativeKernels,
  backend: BackendWasm,
  dy: TensorInfo,
  conv: backend_util.Conv2DInfo,
): TensorInfo {
  const { batchSize, outHeight, outWidth, outChannels, strideHeight, strideWidth } = conv;
  if (strideHeight === 1 && strideWidth === 1) return dy;
  const shape = [batchSize, (outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1, outChannels];
  const dense = backend.makeOutput(shape, 'float32');
  native.spread(
    getPointer(backend, dy),
    getPointer(backend, dense),
    batchSize,
    outHeight,
    outWidth,
    outChannels,
    strideHeight,
    strideWidth,
  );
  return dense;
}
