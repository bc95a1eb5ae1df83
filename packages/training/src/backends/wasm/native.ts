import { wasmBase64 } from './kernels.generated.ts';

// Browsers and Node both have WebAssembly, but TypeScript types it only in its library for browsers.
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>;
};

/** The part of WebAssembly.Memory that is used. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

/** Kernels of assembly/index.ts. Every pointer is a byte address in the memory of the wasm backend. */
export interface NativeKernels {
  convFilterGradient(
    x: number,
    dy: number,
    dw: number,
    n: number,
    h: number,
    w: number,
    cin: number,
    oh: number,
    ow: number,
    cout: number,
    fh: number,
    fw: number,
    sh: number,
    sw: number,
    pt: number,
    pl: number,
  ): void;
  flipFilter(w: number, out: number, fh: number, fw: number, cin: number, cout: number): void;
  spread(dy: number, out: number, n: number, oh: number, ow: number, c: number, sh: number, sw: number): void;
  maxPoolGradient(
    x: number,
    dy: number,
    dx: number,
    n: number,
    h: number,
    w: number,
    c: number,
    oh: number,
    ow: number,
    fh: number,
    fw: number,
    sh: number,
    sw: number,
    pt: number,
    pl: number,
  ): void;
  channelSums(x: number, out: number, rows: number, channels: number): void;
  batchNorm(
    x: number,
    scale: number,
    offset: number,
    y: number,
    mean: number,
    variance: number,
    factor: number,
    rows: number,
    channels: number,
    epsilon: number,
  ): void;
  batchNormGradient(
    dy: number,
    x: number,
    scale: number,
    mean: number,
    variance: number,
    dx: number,
    dScale: number,
    dOffset: number,
    slope: number,
    rows: number,
    channels: number,
    epsilon: number,
  ): void;
  reluGradient(dy: number, z: number, dx: number, size: number): void;
}

/** Instantiates the kernels in `memory`, so that they read and write the backend's tensors in place. */
export async function loadNativeKernels(memory: WasmMemory): Promise<NativeKernels> {
  const bytes = Uint8Array.from(atob(wasmBase64), (character) => character.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  return instance.exports as unknown as NativeKernels;
}
