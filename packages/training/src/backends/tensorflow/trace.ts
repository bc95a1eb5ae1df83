import { backend_util, type Tensor } from '@tensorflow/tfjs-core';
import type { Computation } from '../../kernels/kernel-ops.ts';
import { tidyTensors } from '../../kernels/scope.ts';
import type { Attribute, MadeTensor, TensorflowBackend, TensorflowBinding } from './addon.ts';

/** One operation that TensorFlow executed. */
export interface TracedOperation {
  readonly name: string;
  readonly operation: string;
  readonly attributes: readonly Attribute[];
  /** Names of tensors. */
  readonly inputs: readonly string[];
}

/** Numbers that were uploaded during the computation. */
export interface TracedConstant {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorFlow's id of the type. */
  readonly type: number;
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** What a computation did, in order. A tensor has the name of its operation, with `:k` for output k > 0. */
export interface Trace {
  readonly inputs: readonly TracedTensor[];
  /** Existing float32 tensors that the computation uses in addition to its inputs. */
  readonly captured: readonly TracedTensor[];
  readonly constants: readonly TracedConstant[];
  readonly operations: readonly TracedOperation[];
  readonly outputs: readonly TracedTensor[];
}

export interface TracedTensor {
  readonly name: string;
  readonly type: number;
  /** The addon's id of the tensor. */
  readonly id: number;
}

/**
 * Runs the computation once, operation by operation, and records what it asks of TensorFlow. The results are not used,
 * so the longest operations are skipped: uninitialized memory stands for their results.
 */
export function recordTrace(computation: Computation, inputs: readonly Tensor[], executor: TensorflowBackend): Trace {
  const recorder = new Recorder(executor);
  const given = recorder.inputs(inputs);
  const { binding } = executor;
  executor.binding = recorder.binding();
  try {
    return tidyTensors(() => recorder.trace(given, computation(inputs)));
  } finally {
    executor.binding = binding;
  }
}

/** What the recorder knows of a tensor. The shape of captured tensors is unknown. */
interface Known {
  readonly name: string;
  readonly shape?: readonly number[];
  /** Only for constants. */
  readonly values?: TracedConstant['values'];
}

/**
 * Returns the output shapes of one of the long operations; undefined for all other operations and if the operation does
 * not determine them.
 */
function inferShapes(
  operation: string,
  attributes: readonly Attribute[],
  inputs: readonly Known[],
): readonly (readonly number[])[] | undefined {
  const sizes = (known: Known | undefined) => known?.values && [Array.from(known.values)];
  const [x, filter] = inputs.map(({ shape }) => shape as Sides | undefined);
  switch (operation) {
    case 'Conv2DBackpropInput':
      return sizes(inputs[0]);
    case 'Conv2DBackpropFilter':
      return sizes(inputs[1]);
    case 'Conv2D': {
      const value = (wanted: string) => attributes.find(({ name }) => name === wanted)?.value;
      const [padding, strides] = [value('padding'), value('strides') as Sides];
      if (!x || !filter || (padding !== 'SAME' && padding !== 'VALID')) return undefined;
      return [
        backend_util.computeConv2DInfo(x, filter, [strides[1], strides[2]], 1, padding === 'SAME' ? 'same' : 'valid')
          .outShape,
      ];
    }
    case 'Relu':
    case 'ReluGrad':
      return x && [x];
    // The last one or two outputs are only for the gradient or unused. Their shapes are never requested.
    case 'FusedBatchNormV3':
    case 'FusedBatchNormGradV3':
      return x && [x, ...Array.from({ length: 5 }, () => [x[3]])];
    default:
      return undefined;
  }
}

type Sides = [number, number, number, number];

class Recorder {
  readonly #executor: TensorflowBackend;
  readonly #binding: TensorflowBinding;
  readonly #known = new Map<number, Known>();
  readonly #captured: TracedTensor[] = [];
  readonly #constants: TracedConstant[] = [];
  readonly #operations: TracedOperation[] = [];

  constructor(executor: TensorflowBackend) {
    this.#executor = executor;
    this.#binding = executor.binding;
  }

  inputs(tensors: readonly Tensor[]): TracedTensor[] {
    return this.#executor.getInputTensorIds([...tensors]).map((id, i) => {
      if (this.#known.has(id))
        throw new Error('Two inputs of a computation share their data: which of them it used is not known.');
      const name = `input${i}`;
      this.#known.set(id, { name, shape: tensors[i]!.shape });
      return { name, id, type: this.#executor.getDTypeInteger(tensors[i]!.dtype) };
    });
  }

  /** The addon's functions that create tensors, with recording. */
  binding(): TensorflowBinding {
    const createTensor: TensorflowBinding['createTensor'] = (shape, type, values) => {
      const id = this.#binding.createTensor(shape, type, values);
      const name = `constant${this.#constants.length}`;
      // A backend may overwrite its own array later.
      const kept = values.slice();
      this.#constants.push({ name, shape: [...shape], type, values: kept });
      this.#known.set(id, { name, shape, values: kept });
      return id;
    };
    const executeOp: TensorflowBinding['executeOp'] = (operation, attributes, inputs, outputs) => {
      const known = inputs.map((id) => this.#of(id));
      const made =
        this.#standIn(operation, attributes, known, outputs) ??
        this.#binding.executeOp(operation, attributes, inputs, outputs);
      const name = `step${this.#operations.length}`;
      this.#operations.push({ name, operation, attributes, inputs: known.map((each) => each.name) });
      for (const [k, { id, shape }] of made.entries())
        this.#known.set(id, { name: k === 0 ? name : `${name}:${k}`, shape });
      return made;
    };
    // The addon's own functions cannot be replaced.
    return Object.create(this.#binding, {
      createTensor: { value: createTensor },
      executeOp: { value: executeOp },
    }) as TensorflowBinding;
  }

  #of(id: number): Known {
    let known = this.#known.get(id);
    if (!known) {
      known = { name: `captured${this.#captured.length}` };
      this.#captured.push({ name: known.name, id, type: this.#binding.TF_FLOAT });
      this.#known.set(id, known);
    }
    return known;
  }

  /** Creates tensors with arbitrary values in place of an operation's results. */
  #standIn(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly Known[],
    outputs: number,
  ): MadeTensor[] | undefined {
    return inferShapes(operation, attributes, inputs)
      ?.slice(0, outputs)
      .map((shape) => this.#unset(shape));
  }

  #unset(shape: readonly number[]): MadeTensor {
    const { TF_INT32, TF_FLOAT, TF_ATTR_TYPE, TF_ATTR_BOOL } = this.#binding;
    const wanted = this.#binding.createTensor([shape.length], TF_INT32, Int32Array.from(shape));
    const [made] = this.#binding.executeOp(
      'Empty',
      [
        { name: 'dtype', type: TF_ATTR_TYPE, value: TF_FLOAT },
        { name: 'init', type: TF_ATTR_BOOL, value: false },
      ],
      [wanted],
      1,
    );
    this.#binding.deleteTensor(wanted);
    return made!;
  }

  trace(inputs: readonly TracedTensor[], results: readonly Tensor[]): Trace {
    const ids = this.#executor.getInputTensorIds([...results]);
    const outputs = results.map(({ dtype }, i) => ({
      name: this.#of(ids[i]!).name,
      id: ids[i]!,
      type: this.#executor.getDTypeInteger(dtype),
    }));
    return { inputs, captured: this.#captured, constants: this.#constants, operations: this.#operations, outputs };
  }
}
