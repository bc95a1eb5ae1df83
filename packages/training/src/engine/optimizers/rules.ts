import type { TrainingOptimizer } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { mix } from './mix.ts';
import { createProgramRule } from './program-rule.ts';
import type { Rule } from './rule.ts';

type V = tf.Tensor1D;
/**
 * Updates a moving average without its factor 1 − share. Each rule moves the factor into its numbers, because every
 * operation on the whole vector takes time.
 */
const gather = (old: V, share: number, fresh: V): V => tf.add<V>(tf.mul(old, share), fresh);

const momentum = (mu: number, nesterov: boolean): Rule => ({
  slots: 1,
  advance(g, [m]) {
    const next = tf.add<V>(tf.mul(m!, mu), g);
    return { direction: nesterov ? tf.add<V>(g, tf.mul(next, mu)) : tf.clone(next), state: [next] };
  },
});

/** With m̂ = a·M and v̂ = b·V for the sums M and V: m̂/(√v̂ + ε) = a/√b · M/(√V + ε/√b). */
const adam = ({ beta1, beta2, epsilon }: { beta1: number; beta2: number; epsilon: number }): Rule => ({
  slots: 2,
  numbers(step) {
    const a = (1 - beta1) / (1 - beta1 ** (step + 1));
    const rootB = Math.sqrt((1 - beta2) / (1 - beta2 ** (step + 1)));
    return { scale: a / rootB, epsilon: epsilon / rootB };
  },
  advance(g, [m, v], e) {
    const m1 = gather(m!, beta1, g);
    const v1 = gather(v!, beta2, tf.square(g));
    return { direction: tf.div<V>(m1, tf.add(tf.sqrt(v1), e)), state: [m1, v1] };
  },
});

/** The factors 1 − ρ of the two averages cancel, except in ε. */
const adadelta = (rho: number, epsilon: number): Rule => ({
  slots: 2,
  advance(g, [v, u]) {
    const e = epsilon / (1 - rho);
    const v1 = gather(v!, rho, tf.square(g));
    const direction = tf.mul<V>(tf.sqrt(tf.div(tf.add(u!, e), tf.add(v1, e))), g);
    return { direction, state: [v1, gather(u!, rho, tf.square(direction))] };
  },
});

/**
 * Creates the rule of an optimizer as its schema documents it. `tf.train` is not used: its Adadelta, for example, is
 * plain SGD.
 */
export function createRule(optimizer: TrainingOptimizer): Rule {
  switch (optimizer.name) {
    case 'sgd':
      return { slots: 0, advance: (g) => ({ direction: tf.clone(g), state: [] }) };
    case 'momentum':
      return momentum(optimizer.momentum, false);
    case 'nesterov':
      return momentum(optimizer.momentum, true);
    case 'rmsprop':
      return {
        slots: 1,
        advance(g, [v]) {
          const v1 = mix(v!, optimizer.rho, tf.square(g));
          return { direction: tf.div<V>(g, tf.add(tf.sqrt(v1), optimizer.epsilon)), state: [v1] };
        },
      };
    case 'adagrad':
      return {
        slots: 1,
        advance(g, [v]) {
          const v1 = tf.add<V>(v!, tf.square(g));
          return { direction: tf.div<V>(g, tf.add(tf.sqrt(v1), optimizer.epsilon)), state: [v1] };
        },
      };
    case 'adam':
    case 'adamw':
      return adam(optimizer);
    case 'adadelta':
      return adadelta(optimizer.rho, optimizer.epsilon);
    case 'program':
      return createProgramRule(optimizer);
    case 'lion':
      return {
        slots: 1,
        advance: (g, [m]) => ({
          direction: tf.sign(mix(m!, optimizer.beta1, g)),
          state: [mix(m!, optimizer.beta2, g)],
        }),
      };
  }
}
