import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { getKernel, type KernelFunc, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';

/** Arguments of a kernel: named input tensors, attributes, and the backend that holds the data. */
export interface KernelCall<Inputs, Attributes> {
  inputs: Inputs;
  attrs: Attributes;
  backend: BackendWasm;
}

/** A kernel of Gradsmith that replaces or extends those of the wasm backend. */
export interface WasmKernel {
  name: string;
  /** `original` is the backend's kernel of that name, if it has one. */
  make(original: KernelFunc | undefined): KernelFunc;
}

/** Returns the byte address of a float32 tensor's data in the backend's memory. */
export function getPointer(backend: BackendWasm, tensor: TensorInfo): number {
  if (tensor.dtype !== 'float32') throw new TypeError(`expected a float32 tensor, got ${tensor.dtype}`);
  return backend.getMemoryOffset(tensor.dataId);
}

/** Runs another kernel of the backend. The caller frees the result with `freeTensors`. */
export function runKernel(
  backend: BackendWasm,
  name: string,
  inputs: Record<string, TensorInfo>,
  attrs: NamedAttrMap,
): TensorInfo {
  const result = getKernel(name, 'wasm').kernelFunc({ inputs, attrs, backend });
  return Array.isArray(result) ? result[0]! : result;
}

export function freeTensors(backend: BackendWasm, ...tensors: TensorInfo[]): void {
  for (const tensor of tensors) backend.disposeData(tensor.dataId);
}

/** Throws unless the data format is NHWC, the only one that XNNPACK supports. */
export function requireChannelsLast(kernel: string, dataFormat: string): void {
  if (dataFormat === 'NHWC') return;
  throw new Error(`${kernel} on the wasm backend takes dataFormat NHWC, not ${dataFormat}`);
}
