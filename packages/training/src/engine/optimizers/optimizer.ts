import type { TrainingObjective, TrainingPlan } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { drawNoise } from '../draw-noise.ts';
import type { Parameter } from '../network.ts';
import { createStream } from '../streams.ts';
import type { Rule } from './rule.ts';
import { createRule } from './rules.ts';
import { scheduleFactor } from './schedule.ts';

type V = tf.Tensor1D;

/**
 * Updates the trainable parameters, which it treats as one vector in their order. Its state consists of the weights,
 * the learning rate before the schedule, the vectors of the rule and, with a hypergradient, Δ of the last step.
 */
export class Optimizer {
  readonly #settings: TrainingObjective['optimizer'];
  readonly #noise: TrainingObjective['gradientNoise'];
  readonly #seed: number;
  readonly #plan: Pick<TrainingPlan, 'steps' | 'stepsPerEpoch'>;
  readonly #rule: Rule;
  readonly #shapes: readonly (readonly number[])[];
  readonly #sizes: readonly number[];
  readonly #total: number;
  /** 1 for weights, 0 for biases and batch norm: where weight decay applies. Absent without decay. */
  readonly #decaying: V | undefined;

  constructor(
    objective: TrainingObjective,
    plan: Pick<TrainingPlan, 'steps' | 'stepsPerEpoch'>,
    parameters: readonly Parameter[],
  ) {
    const trained = parameters.filter(({ trainable }) => trainable);
    this.#settings = objective.optimizer;
    this.#noise = objective.gradientNoise?.eta ? objective.gradientNoise : undefined;
    this.#seed = objective.seed;
    this.#plan = plan;
    this.#rule = createRule(objective.optimizer);
    this.#shapes = trained.map(({ shape }) => shape);
    this.#sizes = this.#shapes.map((shape) => shape.reduce((product, side) => product * side, 1));
    this.#total = this.#sizes.reduce((sum, size) => sum + size, 0);
    this.#decaying = objective.optimizer.weightDecay > 0 ? decayMask(trained) : undefined;
  }

  /**
   * Creates the state before the first step.
   *
   * @param parameters the trainable ones, in order; not disposed
   */
  start(parameters: readonly tf.Tensor[]): tf.Tensor[] {
    const { hypergradient, learningRate } = this.#settings;
    const vectors = this.#rule.slots + (hypergradient ? 1 : 0);
    return [
      flattenTensors(parameters),
      tf.scalar(learningRate),
      ...Array.from({ length: vectors }, () => tf.zeros([this.#total])),
    ];
  }

  /**
   * Creates the inputs of a step: the numbers that depend on it, and N(0, η/(1+t)^γ) for noisy gradients.
   *
   * @param step from 0
   */
  draw(step: number): tf.Tensor[] {
    const { scale, epsilon, extra = [] } = this.#rule.numbers?.(step, this.#plan.steps) ?? { scale: 1, epsilon: 0 };
    const factor = scheduleFactor(this.#settings, step, this.#plan.stepsPerEpoch, this.#plan.steps) * scale;
    const numbers = tf.tensor1d([factor, scale, epsilon, ...extra]);
    if (!this.#noise) return [numbers];
    const sd = Math.sqrt(this.#noise.eta / (1 + step) ** this.#noise.gamma);
    return [numbers, tf.tensor1d(drawNoise(this.#total, sd, createStream(this.#seed, 'noise', step)))];
  }

  /**
   * Returns the state after one update. A computation as defined by `KernelOps`.
   *
   * @param gradients of the trainable parameters, in order
   * @param drawn by `draw`
   */
  advance(
    gradients: readonly tf.Tensor[],
    [w, rate, ...vectors]: readonly tf.Tensor[],
    [numbers, noise]: readonly tf.Tensor[],
  ): tf.Tensor[] {
    const weights = w as V;
    const state = vectors.slice(0, this.#rule.slots) as V[];
    const lastDelta = vectors[this.#rule.slots];
    const [factor, scale, epsilon, ...extra] = tf.split(numbers!, 3 + (this.#rule.extra ?? 0)) as [V, V, V, ...V[]];
    const decay = this.#decaying && tf.mul<V>(tf.mul(weights, this.#decaying), this.#settings.weightDecay);
    const decoupled = isDecoupled(this.#settings);

    let g = flattenTensors(gradients);
    if (noise) g = tf.add<V>(g, noise);
    if (decay && !decoupled) g = tf.add<V>(g, decay);
    const nextRate = this.#learnedRate(rate as tf.Scalar, g, lastDelta);
    const { direction, state: nextState } = this.#rule.advance(g, state, epsilon, { weights, extra });
    const change = decay && decoupled ? tf.add<V>(direction, tf.div(decay, scale)) : direction;
    const nextWeights = tf.sub(weights, tf.mul(change, tf.mul(nextRate, factor)));
    return [nextWeights, nextRate, ...nextState, ...(lastDelta ? [tf.mul(direction, scale)] : [])];
  }

  /**
   * Returns rate + β·⟨g, last Δ⟩, at least 0. ⟨g, last Δ⟩ is the negative gradient of the loss with respect to the last
   * rate.
   */
  #learnedRate(rate: tf.Scalar, g: V, lastDelta: tf.Tensor | undefined): tf.Scalar {
    const { hypergradient } = this.#settings;
    if (!hypergradient || !lastDelta) return tf.clone(rate);
    return tf.relu(tf.add(rate, tf.mul(tf.sum(tf.mul(g, lastDelta)), hypergradient.rate)));
  }

  /** Returns the trainable parameters of a state, in order. */
  parameters([weights]: readonly tf.Tensor[]): tf.Tensor[] {
    if (this.#sizes.length === 0) return [];
    return tf.tidy(() =>
      tf.split(weights!, [...this.#sizes]).map((piece, i) => tf.reshape(piece, [...this.#shapes[i]!])),
    );
  }

  /** Restores a state from its numbers. */
  restore([weights, rate, ...vectors]: readonly Float32Array[]): tf.Tensor[] {
    return [tf.tensor1d(weights!), tf.scalar(rate![0]!), ...vectors.map((vector) => tf.tensor1d(vector))];
  }

  /** Reads the learning rate of a state, before the schedule. */
  async learningRate([, rate]: readonly tf.Tensor[]): Promise<number> {
    return (await rate!.data<'float32'>())[0]!;
  }

  dispose(): void {
    this.#decaying?.dispose();
  }
}

/** Returns true for AdamW and Lion, whose decay is always decoupled, and for other rules if it is set. */
function isDecoupled(settings: TrainingObjective['optimizer']): boolean {
  return settings.name === 'adamw' || settings.name === 'lion' || settings.decoupled;
}

function flattenTensors(tensors: readonly tf.Tensor[]): V {
  if (tensors.length === 0) return tf.zeros([0]);
  return tf.tidy(() => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1]) as V)));
}

function decayMask(parameters: readonly Parameter[]): V {
  return tf.tidy(() =>
    flattenTensors(
      parameters.map(({ shape, role }) => (role === 'weight' ? tf.ones([...shape]) : tf.zeros([...shape]))),
    ),
  );
}
