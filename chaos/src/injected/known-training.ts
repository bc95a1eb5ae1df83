import type { TrainingObjective } from '@gradsmith/core/objective';
import type { Checkpoint } from '../../../packages/training/src/engine/index.ts';
import { getTrainingValue, type Known } from '../objective.ts';

const STEPS = 4;
/** More numbers than a checkpoint has bytes of header, so that damage mostly changes numbers. */
const NUMBERS = 1_024;

/** A training whose numbers follow from its objective and step, so that a state that is not its own is found. */
export class KnownTraining {
  readonly #objective: TrainingObjective;
  readonly #state: Float32Array;
  step: number;

  /** @param saved where it continues; undefined: at the beginning */
  constructor(objective: TrainingObjective, saved: Checkpoint | undefined) {
    this.#objective = objective;
    this.step = saved?.step ?? 0;
    this.#state = saved?.optimizer[0] ?? new Float32Array(NUMBERS);
  }

  get isFinished(): boolean {
    return this.step >= STEPS;
  }

  advance(): void {
    this.step += 1;
    advanceState(this.#state, this.#objective);
  }

  save(): Checkpoint {
    return { step: this.step, losses: [], optimizer: [this.#state], layers: [] };
  }

  /** Returns the known value; a wrong one if a number of the state is not what undisturbed steps lead to. */
  measure(): Known {
    const expected = new Float32Array(NUMBERS);
    for (let step = 0; step < STEPS; step++) advanceState(expected, this.#objective);
    const known = getTrainingValue(this.#objective);
    return { ...known, value: known.value + this.#state.filter((number, i) => number !== expected[i]).length };
  }
}

function advanceState(state: Float32Array, { optimizer, seed }: TrainingObjective): void {
  for (let i = 0; i < state.length; i++) state[i] = state[i]! + optimizer.learningRate * (i + 1) + seed;
}
