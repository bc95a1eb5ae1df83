// The dense algebra and the kernels of the Gaussian process, in AssemblyScript (a typed subset of TypeScript that
// compiles to WebAssembly). Build: pnpm --filter @gradsmith/bayesopt build:wasm
//
// Pointers and strides are in bytes, sizes in numbers of float64. Callers lay out the memory from `memoryStart` on.
// Nothing here adds in another order than a plain loop over increasing k does, or multiplies and adds in one step:
// both lanes of a vector are independent results, so results have the bits of such a loop.
export { factorRows } from './factor';
export { invert } from './inverse';
export { addProducts } from './products';
export { backwardSolve, forwardSolve, packRows } from './solve';
export { backwardSolveVector, forwardSolveVector } from './vector';
export { covariances } from './covariances';

/** First byte that is free for the caller. */
export const memoryStart: usize = __heap_base;
