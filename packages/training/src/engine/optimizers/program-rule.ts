import { type TrainingOptimizer, parseUpdateRule, type UpdateName } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';
import { evaluateTensor } from '../tensor-expression.ts';
import { mix } from './mix.ts';
import type { Rule } from './rule.ts';

type V = tf.Tensor1D;

/** Creates the update rule that a formula describes. */
export function createProgramRule({ formula, beta1, beta2 }: Extract<TrainingOptimizer, { name: 'program' }>): Rule {
  const rule = parseUpdateRule(formula);
  return {
    slots: 2,
    extra: 4,
    numbers: (step, steps) => ({
      scale: 1,
      epsilon: 0,
      extra: [1 / (1 - beta1 ** (step + 1)), 1 / (1 - beta2 ** (step + 1)), step / Math.max(1, steps - 1), step + 1],
    }),
    advance(g, state, _epsilon, { weights, extra }) {
      const [p, old] = state as [V, V];
      const [unbiasM, unbiasV, t, k] = extra as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const m = mix(p, beta1, g);
      const v = mix(old, beta2, tf.square(g));
      const context: Record<UpdateName, tf.Tensor> = {
        g,
        m,
        v,
        p,
        mh: tf.mul(m, unbiasM),
        vh: tf.mul(v, unbiasV),
        w: weights,
        t: tf.reshape(t, []),
        k: tf.reshape(k, []),
      };
      return { direction: tf.clone(evaluateTensor(rule, g, context)), state: [m, v] };
    },
  };
}
