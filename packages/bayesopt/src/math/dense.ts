import { wasmBase64 } from './dense.generated.ts';

// Node and browsers have these, but TypeScript types them only in its library for browsers.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: object };
};
declare function atob(base64: string): string;

/** The functions of assembly/index.ts. Pointers and strides are in bytes, sizes in numbers. */
interface DenseFunctions {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** First byte that is free for the caller. */
  readonly memoryStart: { readonly value: number };
  factorRows(a: number, stride: number, from: number, to: number, scratch: number): number;
  forwardSolve(l: number, lStride: number, n: number, b: number, bStride: number, rows: number, scratch: number): void;
  backwardSolve(l: number, lStride: number, n: number, v: number, vStride: number, rows: number, scratch: number): void;
  packRows(rows: number, stride: number, count: number, n: number, panels: number): void;
  forwardSolveVector(l: number, stride: number, panels: number, n: number, v: number): void;
  backwardSolveVector(l: number, stride: number, n: number, v: number): void;
  invert(l: number, lStride: number, n: number, out: number, scratch: number): void;
  addProducts(
    x: number,
    xStride: number,
    xRows: number,
    y: number,
    yStride: number,
    yRows: number,
    n: number,
    out: number,
    outStride: number,
    scratch: number,
  ): void;
  covariances(
    isMatern: number,
    a: number,
    aRows: number,
    b: number,
    d: number,
    first: number,
    more: number,
    axes: number,
    values: number,
    slopes: number,
    stride: number,
    valueScale: number,
    slopeScale: number,
  ): void;
}

/**
 * The functions, and their memory from byte `start` on as numbers: scratch, which the next call of anything dense
 * overwrites.
 */
export interface Dense {
  readonly functions: DenseFunctions;
  readonly start: number;
  readonly numbers: Float64Array;
}

/** Rows that are solved together, GROUP panels of assembly/panel.ts: solves need scratch for as many. */
export const SCRATCH_ROWS = 32;

const PAGE = 65536;
/** A row and a pair that loops of two numbers may touch behind the last one. */
const SLACK = 256;

let loaded: DenseFunctions | undefined;
let dense: Dense | undefined;
let kept = 0;

/**
 * Returns the functions with memory for at least `size` numbers. Each thread has one memory, of the largest size that
 * was needed so far.
 */
export function openDense(size: number): Dense {
  const functions = (loaded ??= load());
  const { memory, memoryStart } = functions;
  const start = Math.ceil(memoryStart.value / 64) * 64 + 8 * kept;
  const missing = start + 8 * (size + SLACK) - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  if (dense?.start !== start || dense.numbers.buffer !== memory.buffer) {
    dense = { functions, start, numbers: new Float64Array(memory.buffer, start) };
  }
  return dense;
}

/** Keeps `count` numbers at the start of the memory, for `held-factor.ts`: scratch begins after them. */
export function keepNumbers(count: number): void {
  kept = count;
}

function load(): DenseFunctions {
  const bytes = Uint8Array.from(atob(wasmBase64), (character) => character.charCodeAt(0));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as DenseFunctions;
}
