import {
  backend_util,
  type KernelFunc,
  type SplitVAttrs,
  type SplitVInputs,
  type Tensor,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { KernelCall, WasmKernel } from './tensors.ts';

/** Splits a tensor. The backend's own kernel copies the whole tensor out of its memory for every piece. */
export function splitV(): WasmKernel {
  const kernel = ({ inputs, attrs, backend }: KernelCall<SplitVInputs, SplitVAttrs>): TensorInfo[] => {
    const x = inputs.x!;
    const axis = util.parseAxisParam(attrs.axis, x.shape)[0]!;
    const sizes = backend_util.prepareSplitSize(x as Tensor, attrs.numOrSizeSplits, axis);
    const outer = util.sizeFromShape(x.shape.slice(0, axis));
    const inner = util.sizeFromShape(x.shape.slice(axis + 1)) * util.bytesPerElement(x.dtype);
    const row = x.shape[axis]! * inner;
    let offset = backend.getMemoryOffset(x.dataId);
    return sizes.map((size) => {
      const piece = backend.makeOutput(
        x.shape.map((side, i) => (i === axis ? size : side)),
        x.dtype,
      );
      const target = backend.getMemoryOffset(piece.dataId);
      // Read again for each piece: the heap view changes when the memory grows.
      const heap = (backend.wasm as unknown as { HEAPU8: Uint8Array }).HEAPU8;
      for (let o = 0; o < outer; o++) {
        const from = offset + o * row;
        heap.copyWithin(target + o * size * inner, from, from + size * inner);
      }
      offset += size * inner;
      return piece;
    });
  };
  return { name: 'SplitV', make: () => kernel as unknown as KernelFunc };
}
