import { getKernel, registerKernel, unregisterKernel, type KernelFunc, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import type { TensorflowBackend } from './addon.ts';

/** A kernel of ours; `original` is the addon's. */
type Replacement = (original: KernelFunc) => KernelFunc;

/** The product of two matrices by the operation for just that: the addon takes the one for batches, which costs twice as much. */
const batchMatMul: Replacement = (original) => (call) => {
  const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
  if (a.shape.length !== 2 || b.shape.length !== 2) return original(call);
  const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
  const executor = call.backend as TensorflowBackend;
  const flag = (name: string, value: boolean) => ({ name, type: executor.binding.TF_ATTR_BOOL, value });
  return executor.executeSingleOutput('MatMul', [flag('transpose_a', transposeA), flag('transpose_b', transposeB)], [a, b]) as TensorInfo;
};

/** The new shape goes to TensorFlow without becoming a tensor of TensorFlow.js first, which takes longer than the rest. */
const reshape: Replacement = () => ({ inputs, attrs, backend }) => {
  const executor = backend as TensorflowBackend;
  const { binding } = executor;
  const { shape } = attrs as { shape: number[] };
  const wanted = binding.createTensor([shape.length], binding.TF_INT32, Int32Array.from(shape));
  const [made] = binding.executeOp('Reshape', [], [...executor.getInputTensorIds([inputs['x']!]), wanted], 1);
  binding.deleteTensor(wanted);
  return executor.createOutputTensor(made!) as TensorInfo;
};

/** Adds a convolution's bias by the operation for just that. */
const fusedConv2D: Replacement = (original) => (call) => {
  const { bias, ...inputs } = call.inputs as { bias?: TensorInfo } & Record<string, TensorInfo>;
  if (!bias || (call.attrs as { activation?: string }).activation !== 'linear') return original(call);
  const executor = call.backend as TensorflowBackend;
  const product = original({ ...call, inputs }) as Tensor;
  const sum = executor.executeSingleOutput('BiasAdd', [], [product, bias]) as TensorInfo;
  product.dispose();
  return sum;
};

const replacements: Readonly<Record<string, Replacement>> = { BatchMatMul: batchMatMul, Reshape: reshape, FusedConv2D: fusedConv2D };

/** Puts faster kernels in the place of the addon's. To be called once, after the backend has started. */
export function registerTensorflowKernels(): void {
  for (const [kernelName, replacement] of Object.entries(replacements)) {
    const { kernelFunc } = getKernel(kernelName, 'tensorflow');
    unregisterKernel(kernelName, 'tensorflow');
    registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc: replacement(kernelFunc) });
  }
}
