import { z } from 'zod';

const learningRate = z.number().min(0).max(1e4);
/** Share of the old average kept at each step. */
const decay = z.number().min(0).lt(1);
const epsilon = z.number().min(1e-12).max(10);

const scheduleSchema = z.discriminatedUnion('kind', [
  /** Times `factor` after every `every` epochs. */
  z.strictObject({ kind: z.literal('step'), every: z.int().min(1).max(10_000), factor: z.number().min(0).max(1) }),
  /** Times `factor` at every epoch's end, spread evenly over its steps. */
  z.strictObject({ kind: z.literal('exponential'), factor: z.number().gt(0).max(1) }),
  /** Half a cosine from 1 to `floor` over the whole training. */
  z.strictObject({ kind: z.literal('cosine'), floor: z.number().min(0).max(1).default(0) }),
  /** A straight line from 1 to `floor` over the whole training. */
  z.strictObject({ kind: z.literal('linear'), floor: z.number().min(0).max(1).default(0) }),
]);

/** Hypergradient descent (Baydin et al. 2018): rate ← rate + β·⟨gradient, direction of the last step⟩. */
const hypergradientSchema = z.strictObject({
  /** β; 0 keeps the learning rate. */
  rate: z.number().min(0).max(1e4),
});

const shared = {
  schedule: scheduleSchema.optional(),
  /** Steps over which the learning rate rises linearly from 0. */
  warmup: z.int().min(0).max(1_000_000).default(0),
  hypergradient: hypergradientSchema.optional(),
};
/** λ: of weight matrices and filters, never of biases or batch norm. */
const weightDecay = z.number().min(0).max(10);
const decayed = {
  weightDecay: weightDecay.default(0),
  /** false: λw is added to the gradient (L2). true: w also shrinks by learning rate × λw (decoupled). */
  decoupled: z.boolean().default(false),
};

/** A training optimizer by its published rule; g is the gradient, Δ the step: w ← w − learning rate · Δ. */
export const optimizerSchema = z.discriminatedUnion('name', [
  /** Δ = g */
  z.strictObject({ name: z.literal('sgd'), learningRate: learningRate.default(0.01), ...decayed, ...shared }),
  /** m ← μm + g; Δ = m */
  z.strictObject({
    name: z.literal('momentum'),
    learningRate: learningRate.default(0.01),
    momentum: decay.default(0.9),
    ...decayed,
    ...shared,
  }),
  /** m ← μm + g; Δ = g + μm (Sutskever et al. 2013, as most frameworks have it) */
  z.strictObject({
    name: z.literal('nesterov'),
    learningRate: learningRate.default(0.01),
    momentum: decay.default(0.9),
    ...decayed,
    ...shared,
  }),
  /** v ← ρv + (1−ρ)g²; Δ = g / (√v + ε) */
  z.strictObject({
    name: z.literal('rmsprop'),
    learningRate: learningRate.default(0.001),
    rho: decay.default(0.9),
    epsilon: epsilon.default(1e-8),
    ...decayed,
    ...shared,
  }),
  /** v ← v + g²; Δ = g / (√v + ε) */
  z.strictObject({
    name: z.literal('adagrad'),
    learningRate: learningRate.default(0.01),
    epsilon: epsilon.default(1e-8),
    ...decayed,
    ...shared,
  }),
  /** Kingma and Ba 2015, with bias correction */
  z.strictObject({
    name: z.literal('adam'),
    learningRate: learningRate.default(0.001),
    beta1: decay.default(0.9),
    beta2: decay.default(0.999),
    epsilon: epsilon.default(1e-8),
    ...decayed,
    ...shared,
  }),
  /** Loshchilov and Hutter 2019: Adam with decoupled weight decay */
  z.strictObject({
    name: z.literal('adamw'),
    learningRate: learningRate.default(0.001),
    beta1: decay.default(0.9),
    beta2: decay.default(0.999),
    epsilon: epsilon.default(1e-8),
    weightDecay: weightDecay.default(0.01),
    ...shared,
  }),
  /** Zeiler 2012: v ← ρv + (1−ρ)g²; Δ = √(u+ε)/√(v+ε) · g; u ← ρu + (1−ρ)Δ². Defaults of SimpleNet's Caffe solver. */
  z.strictObject({
    name: z.literal('adadelta'),
    learningRate: learningRate.default(0.01),
    rho: decay.default(0.9),
    epsilon: epsilon.default(1e-3),
    ...decayed,
    ...shared,
  }),
  /** Chen et al. 2023: Δ = sign(β₁m + (1−β₁)g); m ← β₂m + (1−β₂)g; decoupled weight decay */
  z.strictObject({
    name: z.literal('lion'),
    learningRate: learningRate.default(1e-4),
    beta1: decay.default(0.9),
    beta2: decay.default(0.99),
    weightDecay: weightDecay.default(0),
    ...shared,
  }),
]);
export type TrainingOptimizer = z.infer<typeof optimizerSchema>;
