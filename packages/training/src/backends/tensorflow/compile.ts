import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backend, type Tensor, util } from '@tensorflow/tfjs-core';
import { portableOps, type Compiled, type Computation } from '../../engine/kernel-ops.ts';
import type { TensorflowBackend } from './addon.ts';
import { outputName, savedModelOf, TAG } from './saved-model.ts';
import { traceOf, type Trace } from './trace.ts';

/**
 * Makes one graph of all operations of the computation: to start each of them from JavaScript takes longer than the short ones
 * take to compute, TensorFlow joins some of them, does others beside each other and writes into memory no longer needed.
 *
 * On a GPU operations are started one by one all the same: the addon would copy everything that goes into and out of a graph
 * through the host's memory.
 */
export function compile(computation: Computation): Compiled {
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
  /** As the addon wants them: names with the position of an output, joined by commas. */
  readonly #feeds: string;
  readonly #fetches: string;
  readonly #model: number;

  constructor(computation: Computation, inputs: readonly Tensor[], executor: TensorflowBackend) {
    const trace = traceOf(computation, inputs, executor);
    this.#executor = executor;
    this.#shapes = inputs.map(({ shape }) => shape);
    this.#captured = trace.captured.map(({ id }) => id);
    this.#feeds = [...trace.inputs, ...trace.captured].map(({ name }) => `${name}:0`).join(',');
    this.#fetches = trace.outputs.map((_, i) => `${outputName(i)}:0`).join(',');
    this.#model = load(trace, executor);
  }

  run(inputs: readonly Tensor[]): Tensor[] {
    for (const [i, { shape }] of inputs.entries()) {
      if (!util.arraysEqual(shape, this.#shapes[i])) throw new RangeError(`Input ${i} of a computation has another shape than at its first run: ${shape.join('×')}, not ${this.#shapes[i]?.join('×')}`);
    }
    const ids = this.#executor.getInputTensorIds([...inputs]);
    const made = this.#executor.binding.runSavedModel(this.#model, [...ids, ...this.#captured], this.#feeds, this.#fetches);
    return made.map((each) => this.#executor.createOutputTensor(each) as Tensor);
  }

  dispose(): void {
    this.#executor.binding.deleteSavedModel(this.#model);
  }
}

/** The addon takes graphs from files only. */
function load(trace: Trace, { binding, messages }: TensorflowBackend): number {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), savedModelOf(trace, messages, binding));
    return binding.loadSavedModel(folder, TAG);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
