import type { NdArray } from './array.ts';

/** A layer applied to a batch. */
export interface Pass {
  readonly y: NdArray;
  /** dx, the errors of further inputs, and the gradients of the layer's parameters. */
  back(dy: NdArray): { dx: NdArray; dOthers?: NdArray[]; gradients: NdArray[] };
}
