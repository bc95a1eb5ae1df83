import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  type BatchMatMulAttrs,
  type BatchMatMulInputs,
  type KernelFunc,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { freeTensors, runKernel, type KernelCall, type WasmKernel } from './tensors.ts';

/**
 * Multiplies matrices, transposing them first: the backend takes ten times as long for transposed matrices.
 *
 * The backend also prepares the right matrix once for each tensor's data, whatever its shape at the next call. So data
 * that come again in another shape are copied.
 */
export function batchMatMul(): WasmKernel {
  return {
    name: 'BatchMatMul',
    make: (original) => {
      /** Rows and columns with which data came as the right matrix. */
      const prepared = new WeakMap<object, string>();
      const prepare = (backend: BackendWasm, b: TensorInfo): TensorInfo => {
        const shape = b.shape.slice(-2).join();
        const known = prepared.get(b.dataId);
        if (known !== undefined && known !== shape) return copyTensor(backend, b);
        prepared.set(b.dataId, shape);
        return b;
      };
      const kernel = ({ inputs, attrs, backend }: KernelCall<BatchMatMulInputs, BatchMatMulAttrs>): TensorInfo => {
        const a = attrs.transposeA ? transposeMatrix(backend, inputs.a!) : inputs.a!;
        const b = attrs.transposeB ? transposeMatrix(backend, inputs.b!) : prepare(backend, inputs.b!);
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

function copyTensor(backend: BackendWasm, x: TensorInfo): TensorInfo {
  const copy = backend.makeOutput(x.shape, x.dtype);
  const [from, to] = [x, copy].map(({ dataId }) => backend.getMemoryOffset(dataId)) as [number, number];
  const heap = (backend.wasm as unknown as { HEAPU8: Uint8Array }).HEAPU8;
  heap.copyWithin(to, from, from + util.sizeFromShape(x.shape) * util.bytesPerElement(x.dtype));
  return copy;
}
