import type { TrainingObjective, TrainingPlan } from '@gradsmith/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../network.ts';
import { release, scope } from '../scope.ts';
import { normals, stream } from '../streams.ts';
import { ruleOf, type Rule } from './rules.ts';
import { scheduleFactor } from './schedule.ts';

type V = tf.Tensor1D;

/**
 * Trains the trainable parameters, which it sees as one vector in their order. After each step the parameters' tensors
 * are new ones; the old are disposed.
 */
export class Optimizer {
  readonly #settings: TrainingObjective['optimizer'];
  readonly #noise: TrainingObjective['gradientNoise'];
  readonly #seed: number;
  readonly #plan: Pick<TrainingPlan, 'steps' | 'stepsPerEpoch'>;
  readonly #rule: Rule;
  readonly #parameters: readonly Parameter[];
  readonly #sizes: readonly number[];
  /** 1 for weights, 0 for biases and batch norm: where weight decay acts. Absent without decay. */
  readonly #decaying: V | undefined;
  #weights: V;
  #state: readonly V[];
  /** For the hypergradient: the rate it has learned and the last step's Δ. */
  #rate: tf.Scalar;
  #lastDelta: V | undefined;

  constructor(objective: TrainingObjective, plan: Pick<TrainingPlan, 'steps' | 'stepsPerEpoch'>, parameters: readonly Parameter[]) {
    this.#settings = objective.optimizer;
    this.#noise = objective.gradientNoise;
    this.#seed = objective.seed;
    this.#plan = plan;
    this.#rule = ruleOf(objective.optimizer);
    this.#parameters = parameters.filter(({ trainable }) => trainable);
    this.#sizes = this.#parameters.map(({ tensor }) => tensor.size);
    this.#weights = flat(this.#parameters.map(({ tensor }) => tensor));
    this.#state = Array.from({ length: this.#rule.slots }, () => tf.zeros([this.#weights.size]));
    this.#decaying = objective.optimizer.weightDecay > 0 ? decayMask(this.#parameters) : undefined;
    this.#rate = tf.scalar(objective.optimizer.learningRate);
    if (objective.optimizer.hypergradient) this.#lastDelta = tf.zeros([this.#weights.size]);
  }

  /** One update. @param gradients of the trainable parameters, in order; not disposed @param step from 0 */
  apply(gradients: readonly tf.Tensor[], step: number): void {
    if (this.#parameters.length === 0) return;
    const next = scope(() => this.#advance(flat(gradients), step));
    const { weights, state, rate, lastDelta } = next;
    this.#dispose();
    this.#weights = weights;
    this.#state = state;
    this.#rate = rate;
    this.#lastDelta = lastDelta;
    this.#handOut();
  }

  #advance(gradient: V, step: number): { weights: V; state: readonly V[]; rate: tf.Scalar; lastDelta: V | undefined } {
    const { weightDecay } = this.#settings;
    const decoupled = isDecoupled(this.#settings);
    const decay = this.#decaying && tf.mul<V>(tf.mul(this.#weights, this.#decaying), weightDecay);
    let g = this.#noisy(gradient, step);
    if (decay && !decoupled) g = tf.add<V>(g, decay);
    const rate = this.#learnedRate(g);
    const { direction, scale = 1, state } = this.#rule.advance(g, this.#state, step);
    const change = decay && decoupled ? tf.add<V>(direction, tf.div(decay, scale)) : direction;
    const factor = scheduleFactor(this.#settings, step, this.#plan.stepsPerEpoch, this.#plan.steps) * scale;
    const weights = tf.sub<V>(this.#weights, tf.mul(change, tf.mul(rate, factor)));
    return { weights, state, rate, lastDelta: this.#lastDelta && tf.mul(direction, scale) };
  }

  /** rate + β·⟨g, last Δ⟩, never below 0: the negative gradient of the loss with respect to the last step's rate. */
  #learnedRate(g: V): tf.Scalar {
    const { hypergradient } = this.#settings;
    if (!hypergradient || !this.#lastDelta) return tf.clone(this.#rate);
    return tf.relu(tf.add(this.#rate, tf.mul(tf.sum(tf.mul(g, this.#lastDelta)), hypergradient.rate)));
  }

  /** Adds N(0, η/(1+t)^γ) where the objective asks for it. */
  #noisy(gradient: V, step: number): V {
    if (!this.#noise || this.#noise.eta === 0) return gradient;
    const sd = Math.sqrt(this.#noise.eta / (1 + step) ** this.#noise.gamma);
    return tf.add<V>(gradient, tf.tensor1d(normals(gradient.size, sd, stream(this.#seed, 'noise', step))));
  }

  /** Cuts the weight vector into the parameters' tensors. */
  #handOut(): void {
    const pieces = tf.split(this.#weights, [...this.#sizes]);
    for (const [i, parameter] of this.#parameters.entries()) {
      const old = parameter.tensor;
      parameter.tensor = tf.reshape(pieces[i]!, old.shape);
      release([old, pieces[i]!]);
    }
  }

  /** The learning rate the next step starts from, the schedule left aside. */
  async learningRate(): Promise<number> {
    return (await this.#rate.data<'float32'>())[0]!;
  }

  /** Everything that `write` needs to go on from here. */
  async read(): Promise<Float32Array[]> {
    const tensors = [this.#weights, this.#rate, ...this.#state, ...(this.#lastDelta ? [this.#lastDelta] : [])];
    return Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
  }

  write([weights, rate, ...rest]: readonly Float32Array[]): void {
    this.#dispose();
    this.#weights = tf.tensor1d(weights!);
    this.#rate = tf.scalar(rate![0]!);
    this.#state = rest.slice(0, this.#rule.slots).map((slot) => tf.tensor1d(slot));
    this.#lastDelta = this.#settings.hypergradient && tf.tensor1d(rest[this.#rule.slots]!);
    this.#handOut();
  }

  #dispose(): void {
    release([this.#weights, this.#rate, ...this.#state, ...(this.#lastDelta ? [this.#lastDelta] : [])]);
  }

  dispose(): void {
    this.#dispose();
    this.#decaying?.dispose();
  }
}

/** AdamW and Lion decay beside the rule by definition, the others when told to. */
function isDecoupled(settings: TrainingObjective['optimizer']): boolean {
  return settings.name === 'adamw' || settings.name === 'lion' || settings.decoupled;
}

function flat(tensors: readonly tf.Tensor[]): V {
  if (tensors.length === 0) return tf.zeros([0]);
  return tf.tidy(() => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1]) as V)));
}

function decayMask(parameters: readonly Parameter[]): V {
  return tf.tidy(() => flat(parameters.map(({ tensor, role }) => (role === 'weight' ? tf.onesLike(tensor) : tf.zerosLike(tensor)))));
}
