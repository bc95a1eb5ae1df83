import { countPreActivations, MAX_COUNTED_LAYERS, type PreActivations } from '@gradsmith/core/domain';
import { listReplacements, type TrainingObjective, type TrainingPlan } from '@gradsmith/core/objective';
import type { DataSet } from '../data/data-set.ts';
import { disposeTensors, tidyTensors } from '../kernels/scope.ts';
import type { Batches } from './batches.ts';
import { limitExamples } from './limit-examples.ts';
import type { TrainState } from './train-state.ts';

/** Training examples whose pre-activations are counted, and how many numbers they may be together. */
const EXAMPLES = 100;
const MAX_NUMBERS = 1_000_000;

interface CountedLayer {
  readonly name: string;
  /** Position in the network. */
  readonly index: number;
  readonly moments: PreActivations['moments'];
}

/**
 * Counts the inputs z of activation layers with a replaced backward step, over the first training examples. It only
 * reads the network, so it does not affect the training.
 */
export class PreActivationCounter {
  readonly #layers: readonly CountedLayer[];
  readonly #examples: number;

  constructor({ backward }: TrainingObjective, { layers, shape }: TrainingPlan) {
    const names = listReplacements(backward).flatMap(({ layer, derivative, program }) =>
      derivative || program ? [layer] : [],
    );
    this.#layers = [...new Set(names)].slice(0, MAX_COUNTED_LAYERS).flatMap((name): CountedLayer[] => {
      const index = layers.findIndex((layer) => layer.name === name);
      return layers[index]?.type === 'activation' ? [{ name, index, moments: [] }] : [];
    });
    const size = this.#layers.reduce(
      (sum, { index }) => sum + shape.layers[index]!.input.reduce((product, side) => product * side, 1),
      0,
    );
    const counted = Math.max(1, Math.min(EXAMPLES, Math.floor(MAX_NUMBERS / Math.max(1, size))));
    this.#examples = limitExamples(shape, counted);
  }

  /** Counts at the current weights, once for each step. A layer with an input that is not finite is left out. */
  async record(state: TrainState, batches: Batches, data: DataSet): Promise<void> {
    const step = state.steps;
    if (!this.#layers.length || this.#layers.some(({ moments }) => moments.at(-1)?.step === step)) return;
    const { x, labels } = batches.plain(data.train, 0, this.#examples);
    const positions = this.#layers.map(({ index }) => index);
    const inputs = tidyTensors(() => state.network.computeInputs(positions, x, state.values(), step));
    const values = await Promise.all(inputs.map((z) => z.data<'float32'>()));
    disposeTensors([x, labels, ...inputs]);
    for (const [i, { moments }] of this.#layers.entries()) {
      const found = countPreActivations(values[i]!);
      if (found) moments.push({ step, ...found });
    }
  }

  /** Continues from what `read` returned. */
  restore(recorded: readonly PreActivations[]): void {
    for (const { layer, moments } of recorded)
      this.#layers.find(({ name }) => name === layer)?.moments.push(...moments);
  }

  read(): PreActivations[] {
    return this.#layers.flatMap(({ name, moments }) =>
      moments.length ? [{ layer: name, moments: [...moments] }] : [],
    );
  }
}
