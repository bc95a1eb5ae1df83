import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  engine,
  registerKernel,
  util,
  type KernelFunc,
  type Tensor,
  type Tensor1D,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { advanceMoments, portableOps, type Batch, type KernelOps } from '../../kernels/kernel-ops.ts';
import type { NativeKernels } from './native.ts';
import { freeTensors, getPointer, type KernelCall } from './tensors.ts';

/**
 * Kernels without a TensorFlow.js name. They are registered so that TensorFlow.js accounts for the memory of their
 * tensors.
 */
const names = {
  batchNorm: 'GradsmithBatchNorm',
  batchNormGrad: 'GradsmithBatchNormGrad',
  reluGrad: 'GradsmithReluGrad',
  channelSums: 'GradsmithChannelSums',
} as const;

/** The training steps as one kernel each, several times as fast as compositions of the backend's operations. */
export const wasmOps: KernelOps = {
  ...portableOps,
  batchNorm(x, scale, offset, moving, { epsilon, momentum }) {
    const [y, mean, variance] = runOperation(names.batchNorm, { x, scale, offset }, { epsilon }) as [
      Batch,
      Tensor1D,
      Tensor1D,
    ];
    return { y, moving: advanceMoments(moving, [mean, variance], momentum, countRows(x)), saved: [mean, variance] };
  },
  batchNormGrad(dy, x, scale, epsilon, saved) {
    const [mean, variance] = saved as [Tensor1D, Tensor1D];
    const outputs = runOperation(names.batchNormGrad, { dy, x, scale, mean, variance }, { epsilon });
    const [dx, dScale, dOffset] = outputs as [Batch, Tensor1D, Tensor1D];
    return { dx, dScale, dOffset };
  },
  reluGrad: (dy, z) => runOperation(names.reluGrad, { dy, z }, {})[0] as Batch,
  sumToChannels: (dy) => runOperation(names.channelSums, { x: dy }, {})[0] as Tensor1D,
};

function runOperation(name: string, inputs: Record<string, Tensor>, attrs: { epsilon?: number }): Tensor[] {
  return engine().runKernel(name, inputs, attrs as { epsilon: number });
}

type Inputs<Name extends string> = Record<Name, TensorInfo>;
type Call<Name extends string> = KernelCall<Inputs<Name>, { epsilon: number }>;

export function registerTrainingOps(native: NativeKernels): void {
  registerWasmKernel(
    names.batchNorm,
    ({ inputs: { x, scale, offset }, attrs, backend }: Call<'x' | 'scale' | 'offset'>) => {
      const channels = countChannels(x);
      const y = backend.makeOutput(x.shape, 'float32');
      const [mean, variance, factor] = allocateVectors(backend, channels, 3) as [TensorInfo, TensorInfo, TensorInfo];
      const [px, ps, po, py, pm, pv, pf] = getPointers(backend, x, scale, offset, y, mean, variance, factor);
      native.batchNorm(px!, ps!, po!, py!, pm!, pv!, pf!, countRows(x), channels, attrs.epsilon);
      freeTensors(backend, factor);
      return [y, mean, variance];
    },
  );

  registerWasmKernel(names.batchNormGrad, (call: Call<'dy' | 'x' | 'scale' | 'mean' | 'variance'>) => {
    const {
      inputs: { dy, x, scale, mean, variance },
      attrs,
      backend,
    } = call;
    const channels = countChannels(x);
    const dx = backend.makeOutput(x.shape, 'float32');
    const [dScale, dOffset, slope] = allocateVectors(backend, channels, 3) as [TensorInfo, TensorInfo, TensorInfo];
    const [pdy, px, ps, pm, pv, pdx, pds, pdo, pslope] = getPointers(
      backend,
      dy,
      x,
      scale,
      mean,
      variance,
      dx,
      dScale,
      dOffset,
      slope,
    );
    native.batchNormGradient(
      pdy!,
      px!,
      ps!,
      pm!,
      pv!,
      pdx!,
      pds!,
      pdo!,
      pslope!,
      countRows(x),
      channels,
      attrs.epsilon,
    );
    freeTensors(backend, slope);
    return [dx, dScale, dOffset];
  });

  registerWasmKernel(names.reluGrad, ({ inputs: { dy, z }, backend }: Call<'dy' | 'z'>) => {
    const dx = backend.makeOutput(z.shape, 'float32');
    native.reluGradient(
      getPointer(backend, dy),
      getPointer(backend, z),
      getPointer(backend, dx),
      util.sizeFromShape(z.shape),
    );
    return [dx];
  });

  registerWasmKernel(names.channelSums, ({ inputs: { x }, backend }: Call<'x'>) => {
    const sums = backend.makeOutput([countChannels(x)], 'float32');
    native.channelSums(getPointer(backend, x), getPointer(backend, sums), countRows(x), countChannels(x));
    return [sums];
  });
}

function registerWasmKernel<Name extends string>(kernelName: string, kernel: (call: Call<Name>) => TensorInfo[]): void {
  registerKernel({ kernelName, backendName: 'wasm', kernelFunc: kernel as unknown as KernelFunc });
}

function countChannels(x: TensorInfo): number {
  return x.shape.at(-1)!;
}

function countRows(x: TensorInfo): number {
  return util.sizeFromShape(x.shape.slice(0, -1));
}

function allocateVectors(backend: BackendWasm, length: number, count: number): TensorInfo[] {
  return Array.from({ length: count }, () => backend.makeOutput([length], 'float32'));
}

function getPointers(backend: BackendWasm, ...tensors: TensorInfo[]): number[] {
  return tensors.map((tensor) => getPointer(backend, tensor));
}
