import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { BatchMatMulAttrs, BatchMatMulInputs, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { freeTensors, runKernel, type KernelCall, type WasmKernel } from './tensors.ts';

/** Multiplies matrices, transposing them first: the backend takes ten times as long for transposed matrices. */
export function batchMatMul(): WasmKernel {
  return {
    name: 'BatchMatMul',
    make: (original) => {
      const kernel = ({ inputs, attrs, backend }: KernelCall<BatchMatMulInputs, BatchMatMulAttrs>): TensorInfo => {
        const a = attrs.transposeA ? transposeMatrix(backend, inputs.a!) : inputs.a!;
        const b = attrs.transposeB ? transposeMatrix(backend, inputs.b!) : inputs.b!;
        const product = original!({ inputs: { a, b }, attrs: { transposeA: false, transposeB: false }, backend });
        if (a !== inputs.a) freeTensors(backend, a);
        if (b !== inputs.b) freeTensors(backend, b);
        return product as TensorInfo;
      };
      return kernel as unknown as KernelFunc;
    },
  };
}

/** Swaps the last two axes. */
function transposeMatrix(backend: BackendWasm, x: TensorInfo): TensorInfo {
  const axes = x.shape.map((_, axis) => axis);
  axes.push(...axes.splice(-2).reverse());
  return runKernel(backend, 'Transpose', { x }, { perm: axes });
}
