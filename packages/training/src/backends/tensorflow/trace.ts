import type { Tensor } from '@tensorflow/tfjs-core';
import type { Computation } from '../../engine/kernel-ops.ts';
import { scope } from '../../engine/scope.ts';
import type { Attribute, TensorflowBackend, TensorflowBinding } from './addon.ts';

/** One operation that TensorFlow did. */
export interface TracedOperation {
  readonly name: string;
  readonly operation: string;
  readonly attributes: readonly Attribute[];
  /** Names of tensors. */
  readonly inputs: readonly string[];
}

/** Numbers that were uploaded while the computation ran. */
export interface TracedConstant {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorFlow's number of the type. */
  readonly type: number;
  readonly values: ArrayLike<number>;
}

/** What a computation did, in order. A tensor goes by the name of what made it, with `:k` for the output k > 0 of an operation. */
export interface Trace {
  readonly inputs: readonly TracedTensor[];
  /** Tensors from outside that were there before, all of float32. */
  readonly captured: readonly TracedTensor[];
  readonly constants: readonly TracedConstant[];
  readonly operations: readonly TracedOperation[];
  readonly outputs: readonly TracedTensor[];
}

export interface TracedTensor {
  readonly name: string;
  readonly type: number;
  /** The addon's number of it. */
  readonly id: number;
}

/** Runs the computation once, operation by operation, and writes down what it asks of TensorFlow. */
export function traceOf(computation: Computation, inputs: readonly Tensor[], executor: TensorflowBackend): Trace {
  const recorder = new Recorder(executor);
  const given = recorder.inputs(inputs);
  const { binding } = executor;
  executor.binding = recorder.binding();
  try {
    return scope(() => recorder.trace(given, computation(inputs)));
  } finally {
    executor.binding = binding;
  }
}

class Recorder {
  readonly #executor: TensorflowBackend;
  readonly #binding: TensorflowBinding;
  readonly #names = new Map<number, string>();
  readonly #captured: TracedTensor[] = [];
  readonly #constants: TracedConstant[] = [];
  readonly #operations: TracedOperation[] = [];

  constructor(executor: TensorflowBackend) {
    this.#executor = executor;
    this.#binding = executor.binding;
  }

  inputs(tensors: readonly Tensor[]): TracedTensor[] {
    return this.#executor.getInputTensorIds([...tensors]).map((id, i) => {
      if (this.#names.has(id)) throw new Error('Two inputs of a computation share their data: which of them it used could not be told.');
      const name = `input${i}`;
      this.#names.set(id, name);
      return { name, id, type: this.#executor.getDTypeInteger(tensors[i]!.dtype) };
    });
  }

  /** The addon's functions, those that make tensors watched. */
  binding(): TensorflowBinding {
    const createTensor: TensorflowBinding['createTensor'] = (shape, type, values) => {
      const id = this.#binding.createTensor(shape, type, values);
      const name = `constant${this.#constants.length}`;
      this.#constants.push({ name, shape: [...shape], type, values: values.slice() });
      this.#names.set(id, name);
      return id;
    };
    const executeOp: TensorflowBinding['executeOp'] = (operation, attributes, inputs, outputs) => {
      const names = inputs.map((id) => this.#nameOf(id));
      const made = this.#binding.executeOp(operation, attributes, inputs, outputs);
      const name = `step${this.#operations.length}`;
      this.#operations.push({ name, operation, attributes, inputs: names });
      for (const [k, { id }] of made.entries()) this.#names.set(id, k === 0 ? name : `${name}:${k}`);
      return made;
    };
    // The addon's own functions cannot be written over.
    return Object.create(this.#binding, { createTensor: { value: createTensor }, executeOp: { value: executeOp } }) as TensorflowBinding;
  }

  #nameOf(id: number): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const name = `captured${this.#captured.length}`;
    this.#captured.push({ name, id, type: this.#binding.TF_FLOAT });
    this.#names.set(id, name);
    return name;
  }

  trace(inputs: readonly TracedTensor[], results: readonly Tensor[]): Trace {
    const ids = this.#executor.getInputTensorIds([...results]);
    const outputs = results.map(({ dtype }, i) => ({ name: this.#nameOf(ids[i]!), id: ids[i]!, type: this.#executor.getDTypeInteger(dtype) }));
    return { inputs, captured: this.#captured, constants: this.#constants, operations: this.#operations, outputs };
  }
}
