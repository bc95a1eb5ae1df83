import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backend, type Tensor, util } from '@tensorflow/tfjs-core';
import { portableOps, type Compiled, type Computation } from '../../kernels/kernel-ops.ts';
import type { TensorflowBackend } from './addon.ts';
import { listGivenInputs, outputName, encodeSavedModel, TAG } from './saved-model.ts';
import { recordTrace, type Trace } from './trace.ts';

/**
 * Combines all operations of the computation into one TensorFlow graph. Starting a short operation from JavaScript
 * takes longer than computing it, and TensorFlow can run the operations of a graph in parallel.
 *
 * On a GPU, operations are still started one by one: the addon would copy all inputs and outputs of a graph through the
 * host's memory.
 */
export function compileComputation(computation: Computation): Compiled {
  const executor = backend() as unknown as TensorflowBackend;
  if (executor.isUsingGpuDevice) return portableOps.compile(computation);
  let graph: Graph | undefined;
  return {
    run(inputs) {
      graph ??= new Graph(computation, inputs, executor);
      return graph.run(inputs);
    },
    dispose: () => graph?.dispose(),
  };
}

class Graph {
  readonly #executor: TensorflowBackend;
  readonly #shapes: number[][];
  readonly #captured: readonly number[];
  readonly #constants: readonly number[];
  /** Names with output positions, separated by commas, as the addon expects them. */
  readonly #feeds: string;
  readonly #fetches: string;
  readonly #model: Model;

  constructor(computation: Computation, inputs: readonly Tensor[], executor: TensorflowBackend) {
    const { binding } = executor;
    const trace = recordTrace(computation, inputs, executor);
    this.#executor = executor;
    this.#shapes = inputs.map(({ shape }) => shape);
    this.#captured = trace.captured.map(({ id }) => id);
    this.#feeds = listGivenInputs(trace, binding)
      .map(({ name }) => `${name}:0`)
      .join(',');
    this.#fetches = trace.outputs.map((_, i) => `${outputName(i)}:0`).join(',');
    this.#model = loadModel(trace, executor);
    this.#constants = trace.constants
      .filter(({ type }) => type === binding.TF_FLOAT)
      .map(({ shape, type, values }) => binding.createTensor([...shape], type, values));
  }

  run(inputs: readonly Tensor[]): Tensor[] {
    for (const [i, { shape }] of inputs.entries()) {
      if (!util.arraysEqual(shape, this.#shapes[i]))
        throw new RangeError(
          `Input ${i} of a computation has another shape than at its first run: ${shape.join('×')}, ` +
            `not ${this.#shapes[i]?.join('×')}`,
        );
    }
    const given = [...this.#executor.getInputTensorIds([...inputs]), ...this.#captured, ...this.#constants];
    const made = this.#executor.binding.runSavedModel(this.#model.id, given, this.#feeds, this.#fetches);
    return made.map((each) => this.#executor.createOutputTensor(each) as Tensor);
  }

  dispose(): void {
    this.#model.users--;
    for (const id of this.#constants) this.#executor.binding.deleteTensor(id);
  }
}

interface Model {
  /** The addon's id of the model. */
  readonly id: number;
  users: number;
}

/**
 * Graphs in the addon by their key, least recently used first. TensorFlow prepares each graph at its first run, and
 * similar trainings share it.
 */
const models = new Map<string, Model>();
const UNUSED_KEPT = 4;

function loadModel(trace: Trace, { binding, messages }: TensorflowBackend): Model {
  const key = buildTraceKey(trace, binding);
  const model = models.get(key) ?? { id: loadGraph(encodeSavedModel(trace, messages, binding), binding), users: 0 };
  models.delete(key);
  models.set(key, model);
  model.users++;
  const unused = [...models].filter(([, { users }]) => users === 0);
  for (const [old, { id }] of unused.slice(0, -UNUSED_KEPT)) {
    models.delete(old);
    binding.deleteSavedModel(id);
  }
  return model;
}

/** Returns a key that is equal for traces with equal graphs. Tensors and the numbers given at each run may differ. */
function buildTraceKey(
  { inputs, captured, constants, operations, outputs }: Trace,
  { TF_FLOAT }: TensorflowBackend['binding'],
): string {
  const named = [inputs, captured, outputs].map((tensors) => tensors.map(({ name, type }) => [name, type]));
  const numbers = constants.map(({ name, type, shape, values }) => [
    name,
    type,
    shape,
    type === TF_FLOAT ? [] : Array.from(values),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([named, numbers, operations]))
    .digest('hex');
}

/** Loads a graph through a temporary file, because the addon loads graphs only from files. */
function loadGraph(savedModel: Uint8Array, binding: TensorflowBackend['binding']): number {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), savedModel);
    return binding.loadSavedModel(folder, TAG);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
