import {
  getKernel,
  registerKernel,
  stridedSlice,
  unregisterKernel,
  util,
  type KernelFunc,
  type Tensor,
  type Tensor4D,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Attribute, TensorflowBackend } from './addon.ts';

/** A kernel of Gradsmith; `original` is the addon's kernel. */
type Replacement = (original: KernelFunc) => KernelFunc;

/** Multiplies two matrices with TensorFlow's MatMul. The addon uses the batched operation, which is half as fast. */
const batchMatMul: Replacement = (original) => (call) => {
  const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
  if (a.shape.length !== 2 || b.shape.length !== 2) return original(call);
  const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
  const executor = call.backend as TensorflowBackend;
  const flag = (name: string, value: boolean) => ({ name, type: executor.binding.TF_ATTR_BOOL, value });
  return executor.executeSingleOutput(
    'MatMul',
    [toTypeAttribute(executor, a), flag('transpose_a', transposeA), flag('transpose_b', transposeB)],
    [a, b],
  ) as TensorInfo;
};

/**
 * Reshapes a tensor. If x already has the shape, no operation runs. Otherwise the shape goes to TensorFlow directly:
 * creating a TensorFlow.js tensor for it takes longer than the reshape.
 */
const reshape: Replacement =
  () =>
  ({ inputs, attrs, backend }) => {
    const executor = backend as TensorflowBackend;
    const { binding } = executor;
    const x = inputs['x']!;
    const { shape } = attrs as { shape: number[] };
    if (util.arraysEqual(x.shape, shape) || (x.shape.length === 1 && shape.length === 1 && shape[0] === -1)) {
      executor.incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    }
    const wanted = binding.createTensor([shape.length], binding.TF_INT32, Int32Array.from(shape));
    const [made] = binding.executeOp(
      'Reshape',
      [toTypeAttribute(executor, x)],
      [...executor.getInputTensorIds([x]), wanted],
      1,
    );
    binding.deleteTensor(wanted);
    return executor.createOutputTensor(made!) as TensorInfo;
  };

/** Adds the bias of a convolution with TensorFlow's BiasAdd. */
const fusedConv2D: Replacement = (original) => (call) => {
  const { bias, ...inputs } = call.inputs as { bias?: TensorInfo } & Record<string, TensorInfo>;
  if (!bias || (call.attrs as { activation?: string }).activation !== 'linear') return original(call);
  const executor = call.backend as TensorflowBackend;
  const product = original({ ...call, inputs }) as Tensor;
  const sum = executor.executeSingleOutput(
    'BiasAdd',
    [toTypeAttribute(executor, product)],
    [product, bias],
  ) as TensorInfo;
  product.dispose();
  return sum;
};

/**
 * oneDNN's gradient of max pooling. It takes a tenth of the time of TensorFlow's own, including the repeated pooling
 * that it needs. TensorFlow selects oneDNN kernels automatically for most operations, but for this one only in graphs.
 * In both kernels, ties go to the first maximum.
 */
const maxPoolGrad: Replacement = (original) => (call) => {
  const { dy, input } = call.inputs as { dy: TensorInfo; input: TensorInfo };
  const { filterSize, strides, pad } = call.attrs as { filterSize: Sides; strides: Sides; pad: unknown };
  if (pad !== 'same' && pad !== 'valid') return original(call);
  const executor = call.backend as TensorflowBackend;
  const { TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_BOOL, TF_ATTR_TYPE, TF_FLOAT } = executor.binding;
  const attributes: Attribute[] = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'ksize', type: TF_ATTR_INT, value: alongImage(filterSize) },
    { name: 'strides', type: TF_ATTR_INT, value: alongImage(strides) },
    { name: 'padding', type: TF_ATTR_STRING, value: pad.toUpperCase() },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'workspace_enabled', type: TF_ATTR_BOOL, value: true },
    // TensorFlow recognizes kernels of oneDNN by this label.
    { name: '_kernel', type: TF_ATTR_STRING, value: 'MklNameChangeOp' },
  ];
  const [y, places] = executor.executeMultipleOutputs('_MklNativeMaxPool', attributes, [input], 2) as [Tensor, Tensor];
  const dx = executor.executeSingleOutput('_MklNativeMaxPoolGrad', attributes, [input, y, dy, places]) as TensorInfo;
  y.dispose();
  places.dispose();
  return dx;
};

/**
 * The filter gradient of a 1×1 convolution with strides, from the pixels that the convolution reads. oneDNN 3's own
 * kernel for it (`jit_1x1:avx2`) writes beyond its memory on processors without AVX-512, which ends the process.
 */
const conv2DBackpropFilter: Replacement = (original) => (call) => {
  const { x, dy } = call.inputs as { x: TensorInfo; dy: TensorInfo };
  const { strides, filterShape } = call.attrs as { strides: Sides; filterShape: number[] };
  const [, rows, columns] = alongImage(strides) as [number, number, number];
  if (filterShape[0] !== 1 || filterShape[1] !== 1 || rows * columns === 1) return original(call);
  const read = stridedSlice(x as Tensor4D, [0, 0, 0, 0], x.shape as Shape4D, [1, rows, columns, 1]);
  const gradient = original({ ...call, inputs: { x: read, dy }, attrs: { ...call.attrs, strides: 1 } });
  read.dispose();
  return gradient;
};

/** Returns the type attribute of an input. TensorFlow infers it for a direct operation, but not in a graph. */
function toTypeAttribute(executor: TensorflowBackend, { dtype }: TensorInfo): Attribute {
  return { name: 'T', type: executor.binding.TF_ATTR_TYPE, value: executor.getDTypeInteger(dtype) };
}

type Sides = number | [height: number, width: number];
type Shape4D = [number, number, number, number];

function alongImage(sides: Sides): number[] {
  return [1, ...(typeof sides === 'number' ? [sides, sides] : sides), 1];
}

const everywhere: Readonly<Record<string, Replacement>> = {
  BatchMatMul: batchMatMul,
  Reshape: reshape,
  FusedConv2D: fusedConv2D,
};
const withOneDnn: Readonly<Record<string, Replacement>> = {
  MaxPoolGrad: maxPoolGrad,
  Conv2DBackpropFilter: conv2DBackpropFilter,
};

/**
 * Replaces kernels of the addon with faster or safer ones. Must be called once, after the backend has started.
 *
 * @param oneDnn whether TensorFlow has registered oneDNN's kernels
 */
export function registerTensorflowKernels({ oneDnn }: { oneDnn: boolean }): void {
  const replacements = oneDnn ? { ...everywhere, ...withOneDnn } : everywhere;
  for (const [kernelName, replacement] of Object.entries(replacements)) {
    const { kernelFunc } = getKernel(kernelName, 'tensorflow');
    unregisterKernel(kernelName, 'tensorflow');
    registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc: replacement(kernelFunc) });
  }
}
