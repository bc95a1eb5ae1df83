import { z } from 'zod';

const learningRate = z.number().min(0).max(1e4).describe('Step size α');
/** Share of the old average kept at each step. */
const decay = z.number().min(0).lt(1);
const momentum = decay.describe('Fraction of the last step that is kept');
const rho = decay.describe('Decay of the running mean of squared gradients');
const beta1 = decay.describe('Decay of the running mean of gradients');
const beta2 = decay.describe('Decay of the running mean of squared gradients');
const epsilon = z
  .number()
  .min(1e-12)
  .max(10)
  .describe('Added to the root. It makes adaptive optimizers sensitive to the scale of a gradient');

const floor = z.number().min(0).max(1).default(0).describe('Factor at the end');

const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('step').describe('Times `factor` after every `every` epochs'),
    every: z.int().min(1).max(10_000).describe('Epochs between two decays'),
    factor: z.number().min(0).max(1).describe('Factor of each decay'),
  }),
  z.strictObject({
    kind: z.literal('exponential').describe('Times `factor` in each epoch, spread evenly over its steps'),
    factor: z.number().gt(0).max(1).describe('Factor of an epoch'),
  }),
  z.strictObject({
    kind: z.literal('cosine').describe('Half a cosine from 1 to `floor` over the whole training'),
    floor,
  }),
  z.strictObject({
    kind: z.literal('linear').describe('A straight line from 1 to `floor` over the whole training'),
    floor,
  }),
]);

/** Hypergradient descent (Baydin et al. 2018): rate ← rate + β·⟨gradient, direction of the last step⟩. */
const hypergradientSchema = z.strictObject({
  rate: z.number().min(0).max(1e4).describe('Step size β of the learning rate; 0 keeps it'),
});

const shared = {
  schedule: scheduleSchema
    .optional()
    .describe(
      'Decay of the rate: `{kind: step, every, factor}`, `{kind: exponential, factor}`, `{kind: cosine, floor}`, ' +
        '`{kind: linear, floor}`; in epochs and factors',
    ),
  warmup: z.int().min(0).max(1_000_000).default(0).describe('Steps over which the rate rises from 0'),
  hypergradient: hypergradientSchema
    .optional()
    .describe('`{ rate }`: the learning rate follows its own gradient (Baydin et al. 2018)'),
};
const weightDecay = z
  .number()
  .min(0)
  .max(10)
  .describe('Factor of the penalty on weights, never on biases; not part of the reported loss');
const decayed = {
  weightDecay: weightDecay.default(0),
  decoupled: z
    .boolean()
    .default(false)
    .describe('Subtract the decay from the weights instead of adding it to the gradient'),
};

/** A training optimizer by its published rule; g is the gradient, Δ the step: w ← w − learning rate · Δ. */
export const optimizerSchema = z.discriminatedUnion('name', [
  /** Δ = g */
  z.strictObject({
    name: z.literal('sgd').describe('Gradient descent: Δ = g'),
    learningRate: learningRate.default(0.01),
    ...decayed,
    ...shared,
  }),
  /** m ← μm + g; Δ = m */
  z.strictObject({
    name: z.literal('momentum').describe('m ← μm + g; Δ = m'),
    learningRate: learningRate.default(0.01),
    momentum: momentum.default(0.9),
    ...decayed,
    ...shared,
  }),
  /** m ← μm + g; Δ = g + μm (Sutskever et al. 2013, as most frameworks have it) */
  z.strictObject({
    name: z.literal('nesterov').describe('m ← μm + g; Δ = g + μm'),
    learningRate: learningRate.default(0.01),
    momentum: momentum.default(0.9),
    ...decayed,
    ...shared,
  }),
  /** v ← ρv + (1−ρ)g²; Δ = g / (√v + ε) */
  z.strictObject({
    name: z.literal('rmsprop').describe('v ← ρv + (1−ρ)g²; Δ = g / (√v + ε)'),
    learningRate: learningRate.default(0.001),
    rho: rho.default(0.9),
    epsilon: epsilon.default(1e-8),
    ...decayed,
    ...shared,
  }),
  /** v ← v + g²; Δ = g / (√v + ε) */
  z.strictObject({
    name: z.literal('adagrad').describe('v ← v + g²; Δ = g / (√v + ε)'),
    learningRate: learningRate.default(0.01),
    epsilon: epsilon.default(1e-8),
    ...decayed,
    ...shared,
  }),
  /** Kingma and Ba 2015, with bias correction */
  z.strictObject({
    name: z.literal('adam').describe('Kingma and Ba 2015, with bias correction'),
    learningRate: learningRate.default(0.001),
    beta1: beta1.default(0.9),
    beta2: beta2.default(0.999),
    epsilon: epsilon.default(1e-8),
    ...decayed,
    ...shared,
  }),
  /** Loshchilov and Hutter 2019: Adam with decoupled weight decay */
  z.strictObject({
    name: z.literal('adamw').describe('Loshchilov and Hutter 2019: Adam with decoupled weight decay'),
    learningRate: learningRate.default(0.001),
    beta1: beta1.default(0.9),
    beta2: beta2.default(0.999),
    epsilon: epsilon.default(1e-8),
    weightDecay: weightDecay.default(0.01),
    ...shared,
  }),
  /** Zeiler 2012: v ← ρv + (1−ρ)g²; Δ = √(u+ε)/√(v+ε) · g; u ← ρu + (1−ρ)Δ². Defaults of SimpleNet's Caffe solver. */
  z.strictObject({
    name: z.literal('adadelta').describe('Zeiler 2012: v ← ρv + (1−ρ)g²; Δ = √(u+ε)/√(v+ε) · g; u ← ρu + (1−ρ)Δ²'),
    learningRate: learningRate.default(0.01),
    rho: rho.default(0.9),
    epsilon: epsilon.default(1e-3),
    ...decayed,
    ...shared,
  }),
  /** Chen et al. 2023: Δ = sign(β₁m + (1−β₁)g); m ← β₂m + (1−β₂)g; decoupled weight decay */
  z.strictObject({
    name: z.literal('lion').describe('Chen et al. 2023: Δ = sign(β₁m + (1−β₁)g), with decoupled weight decay'),
    learningRate: learningRate.default(1e-4),
    beta1: beta1.default(0.9),
    beta2: beta2.default(0.99),
    weightDecay: weightDecay.default(0),
    ...shared,
  }),
  /** A formula of the gradient, its running means and more */
  z.strictObject({
    name: z.literal('program').describe('A formula computes Δ'),
    formula: z
      .string()
      .min(1)
      .max(500)
      .default('g')
      .describe(
        'Δ of w ← w − learning rate · Δ, in the gradient `g`, its running means `m` and `v`, and more; see ' +
          '[Programs](#programs). ' +
          'Adam is `mh / (sqrt(vh) + 1e-8)`',
      ),
    learningRate: learningRate.default(0.01),
    beta1: beta1.default(0.9),
    beta2: beta2.default(0.999),
    ...decayed,
    ...shared,
  }),
]);
export type TrainingOptimizer = z.infer<typeof optimizerSchema>;

/** Whether a constant times the gradient is a learning rate to the optimizer. */
export function readsConstantAsRate(
  optimizer: TrainingOptimizer,
): optimizer is Extract<TrainingOptimizer, { name: 'sgd' | 'momentum' | 'nesterov' }> {
  return ['sgd', 'momentum', 'nesterov'].includes(optimizer.name);
}

/**
 * Says what the optimizer makes of a constant times the gradient, as a clause; null if it is a learning rate, as
 * equation 4 of the paper reads it.
 */
export function describeScaling(optimizer: TrainingOptimizer): string | null {
  if (readsConstantAsRate(optimizer)) return null;
  switch (optimizer.name) {
    case 'lion':
      return 'lion uses the signs of gradients, so a constant changes nothing';
    case 'program':
      return 'the update rule is a formula, and what a constant changes depends on it';
    default:
      return (
        `${optimizer.name} divides by the size of past gradients, so a constant has an effect only where gradients ` +
        `are small against its ε (ε = ${optimizer.epsilon})`
      );
  }
}
