import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../kernels/kernel-ops.ts';
import { disposeTensors } from '../kernels/scope.ts';

/**
 * The errors of the outputs of layers, while the backward pass goes down. An output that several layers take gets a
 * sum.
 */
export class OutputErrors {
  readonly #wanted: readonly boolean[];
  readonly #errors: (Batch | undefined)[] = [];

  constructor(wanted: readonly boolean[]) {
    this.#wanted = wanted;
  }

  /** Adds an error to that of a layer's output, and owns it from then on. */
  add(layer: number, error: Batch): void {
    const known = this.#errors[layer];
    if (!this.#wanted[layer]) error.dispose();
    else if (known) {
      this.#errors[layer] = tf.add<Batch>(known, error);
      disposeTensors([known, error]);
    } else this.#errors[layer] = error;
  }

  /** Returns the error of a layer's output; the caller disposes it. */
  take(layer: number): Batch | undefined {
    const error = this.#errors[layer];
    this.#errors[layer] = undefined;
    return error;
  }
}
