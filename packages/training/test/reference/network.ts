import {
  buildActivationDerivative,
  buildActivation,
  type BackwardReplacement,
  compileBFunction,
  type BatchNormLayer,
  type ActivationLayer,
  evaluate,
  evaluateBatch,
  type Layer,
  type LayerNormLayer,
  type LayerReplacement,
  listReplacements,
  parseBackwardProgram,
  type TrainingPlan,
} from '@gradsmith/core/objective';
import { mapArray, ndarray, type NdArray, countElements, zeros } from './array.ts';
import { attentionLayer } from './attention.ts';
import type { Pass } from './pass.ts';
import { convBackward, convForward, poolForward } from './windows.ts';

/** What determines the gradients in addition to the plan. */
export interface ReferenceOptions {
  readonly backward?: readonly BackwardReplacement[];
  /** Multipliers of a dropout layer by its name. Without an entry, nothing is dropped. */
  readonly masks?: Readonly<Record<string, ArrayLike<number>>>;
  /** The matrix of feedback alignment, or [classes, inputs] of direct feedback alignment, by layer. */
  readonly feedback?: Readonly<Record<string, NdArray>>;
  /** What multiplies the error, by layer, if it depends on more than z. */
  readonly formulas?: Readonly<Record<string, (values: FormulaValues) => number>>;
  /** Progress of the training, from 0 to 1. */
  readonly progress?: number;
}

/** The variables of a formula in one place. */
export interface FormulaValues {
  readonly z: number;
  readonly t: number;
  readonly m: number;
  readonly s: number;
  readonly d: number;
  readonly ds: number;
}

export interface ReferenceResult {
  readonly loss: number;
  /** By layer, in the order of its parameters. */
  readonly gradients: readonly (readonly NdArray[])[];
}

function denseLayer(x: NdArray, [w, b]: readonly NdArray[], units: number, transport: (w: NdArray) => NdArray): Pass {
  const batch = x.shape[0]!;
  const inputs = countElements(x.shape.slice(1));
  const y = zeros([batch, units]);
  for (let n = 0; n < batch; n++) {
    for (let j = 0; j < units; j++) {
      let sum = b ? b.data[j]! : 0;
      for (let i = 0; i < inputs; i++) sum += x.data[n * inputs + i]! * w!.data[i * units + j]!;
      y.data[n * units + j] = sum;
    }
  }
  return {
    y,
    back(dy) {
      const [dw, db, dx] = [zeros(w!.shape), zeros([units]), zeros(x.shape)];
      const matrix = transport(w!);
      for (let n = 0; n < batch; n++) {
        for (let j = 0; j < units; j++) {
          const delta = dy.data[n * units + j]!;
          db.data[j]! += delta;
          for (let i = 0; i < inputs; i++) {
            dw.data[i * units + j]! += x.data[n * inputs + i]! * delta;
            dx.data[n * inputs + i]! += matrix.data[i * units + j]! * delta;
          }
        }
      }
      return { dx, gradients: b ? [dw, db] : [dw] };
    },
  };
}

function computeMoments({ data }: NdArray): { mean: number; deviation: number } {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return { mean, deviation: Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length) };
}

/** Returns d·g for every element, where g depends on more than z. */
function multiplyByFormula(
  z: NdArray,
  d: NdArray,
  layer: string,
  { formulas, progress = 0 }: ReferenceOptions,
): NdArray {
  const [inputs, errors] = [computeMoments(z), computeMoments(d)];
  const context = { t: progress, m: inputs.mean, s: inputs.deviation, ds: errors.deviation };
  return mapArray(d, (delta, i) => delta * formulas![layer]!({ ...context, z: z.data[i]!, d: delta }));
}

/** Returns α·sign(w), with the mean α of |w| over each filter or unit, and the gradient of w from that of α·sign(w). */
function binarize(
  w: NdArray,
  multiply: (w: NdArray, dy: NdArray) => NdArray,
): { y: NdArray; back(dy: NdArray): NdArray } {
  const filters = w.shape.at(-1)!;
  const n = w.data.length / filters;
  const sign = (value: number) => (value >= 0 ? 1 : -1);
  const perFilter = (f: (i: number) => number) => {
    const sums = new Float64Array(filters);
    for (let i = 0; i < w.data.length; i++) sums[i % filters]! += f(i) / n;
    return sums;
  };
  const alpha = perFilter((i) => Math.abs(w.data[i]!));
  return {
    y: mapArray(w, (value, i) => alpha[i % filters]! * sign(value)),
    back(dy) {
      const dAlpha = perFilter((i) => dy.data[i]! * sign(w.data[i]!));
      const throughSign = multiply(w, dy);
      return mapArray(w, (value, i) => throughSign.data[i]! * alpha[i % filters]! + dAlpha[i % filters]! * sign(value));
    },
  };
}

/** Replaces the first gradient, that of the weights. */
function withWeightGradient(pass: Pass, back: (dw: NdArray) => NdArray): Pass {
  return {
    y: pass.y,
    back(dy) {
      const { dx, gradients } = pass.back(dy);
      return { dx, gradients: [back(gradients[0]!), ...gradients.slice(1)] };
    },
  };
}

function batchNormLayer(x: NdArray, [scale, offset]: readonly NdArray[], { epsilon }: BatchNormLayer): Pass {
  const channels = x.shape.at(-1)!;
  const n = x.data.length / channels;
  const perChannel = (f: (i: number, c: number) => number) => {
    const sums = new Float64Array(channels);
    for (let i = 0; i < x.data.length; i++) sums[i % channels]! += f(i, i % channels);
    return sums;
  };
  const mean = perChannel((i) => x.data[i]! / n);
  const variance = perChannel((i, c) => (x.data[i]! - mean[c]!) ** 2 / n);
  const normal = mapArray(
    x,
    (value, i) => (value - mean[i % channels]!) / Math.sqrt(variance[i % channels]! + epsilon),
  );
  return {
    y: mapArray(normal, (value, i) => value * scale!.data[i % channels]! + offset!.data[i % channels]!),
    back(dy) {
      const dOffset = perChannel((i) => dy.data[i]!);
      const dScale = perChannel((i) => dy.data[i]! * normal.data[i]!);
      const dx = mapArray(dy, (value, i) => {
        const c = i % channels;
        return (
          (scale!.data[c]! / Math.sqrt(variance[c]! + epsilon)) *
          (value - dOffset[c]! / n - (normal.data[i]! * dScale[c]!) / n)
        );
      });
      return {
        dx,
        gradients: [
          { shape: [channels], data: dScale },
          { shape: [channels], data: dOffset },
        ],
      };
    },
  };
}

/** Computes the error before a layer under direct feedback alignment. */
function directError(e: NdArray, matrix: NdArray, shape: readonly number[]): NdArray {
  const [batch, classes] = e.shape as [number, number];
  const size = countElements(shape.slice(1));
  const dx = zeros(shape);
  for (let n = 0; n < batch; n++)
    for (let k = 0; k < classes; k++)
      for (let i = 0; i < size; i++) dx.data[n * size + i]! += e.data[n * classes + k]! * matrix.data[k * size + i]!;
  return dx;
}

function layerNormLayer(
  x: NdArray,
  [scale, offset]: readonly NdArray[],
  { epsilon, over }: Pick<LayerNormLayer, 'epsilon' | 'over'>,
): Pass {
  const [channels, batch] = [x.shape.at(-1)!, x.shape[0]!];
  const n = over === 'channels' ? channels : x.data.length / batch;
  const perExample = (f: (i: number) => number) => {
    const means = new Float64Array(x.data.length / n);
    for (let i = 0; i < x.data.length; i++) means[Math.floor(i / n)]! += f(i) / n;
    return (i: number) => means[Math.floor(i / n)]!;
  };
  const mean = perExample((i) => x.data[i]!);
  const variance = perExample((i) => (x.data[i]! - mean(i)) ** 2);
  const normal = mapArray(x, (value, i) => (value - mean(i)) / Math.sqrt(variance(i) + epsilon));
  return {
    y: mapArray(normal, (value, i) => value * scale!.data[i % channels]! + offset!.data[i % channels]!),
    back(dy) {
      const [dScale, dOffset] = [zeros([channels]), zeros([channels])];
      for (let i = 0; i < dy.data.length; i++) {
        dScale.data[i % channels]! += dy.data[i]! * normal.data[i]!;
        dOffset.data[i % channels]! += dy.data[i]!;
      }
      const dNormal = mapArray(dy, (value, i) => value * scale!.data[i % channels]!);
      const sum = perExample((i) => dNormal.data[i]!);
      const product = perExample((i) => dNormal.data[i]! * normal.data[i]!);
      const dx = mapArray(
        dNormal,
        (value, i) => (value - sum(i) - normal.data[i]! * product(i)) / Math.sqrt(variance(i) + epsilon),
      );
      return { dx, gradients: [dScale, dOffset] };
    },
  };
}

/** Applies a layer whose output is made of single values of its inputs: `from` is their position, or null for 0. */
function copyLayer(inputs: readonly NdArray[], shape: readonly number[], from: (i: number) => Place | null): Pass {
  const y = zeros(shape);
  const places = Array.from(y.data, (_, i) => from(i));
  for (const [i, place] of places.entries()) y.data[i] = place ? inputs[place.input]!.data[place.at]! : 0;
  return {
    y,
    back(dy) {
      const [dx, ...dOthers] = inputs.map((input) => zeros(input.shape)) as [NdArray, ...NdArray[]];
      for (const [i, place] of places.entries())
        if (place) [dx, ...dOthers][place.input]!.data[place.at]! += dy.data[i]!;
      return { dx, dOthers, gradients: [] };
    },
  };
}

interface Place {
  readonly input: number;
  readonly at: number;
}

function pass(
  layer: Layer,
  [x, ...others]: readonly [NdArray, ...NdArray[]],
  weights: readonly NdArray[],
  shape: readonly number[],
  options: ReferenceOptions,
): Pass {
  const replacement = listReplacements(options.backward ?? []).find((entry) => entry.layer === layer.name);
  const direct = replacement?.transpose?.kind === 'direct-feedback-alignment';
  const matrix = direct ? undefined : options.feedback?.[layer.name];
  const transport = (w: NdArray) => matrix ?? w;
  if ((layer.type === 'dense' || layer.type === 'conv') && layer.weights === 'binary') {
    const g = replacement?.derivative
      ? compileBFunction(replacement.derivative)
      : (w: number) => Number(Math.abs(w) <= 1);
    const binary = binarize(weights[0]!, (w, dw) =>
      options.formulas?.[layer.name]
        ? multiplyByFormula(w, dw, layer.name, options)
        : mapArray(dw, (delta, i) => delta * g(w.data[i]!)),
    );
    const inner = pass({ ...layer, weights: undefined }, [x], [binary.y, ...weights.slice(1)], shape, options);
    return withWeightGradient(inner, binary.back);
  }
  switch (layer.type) {
    case 'dense':
      return denseLayer(x, weights, layer.units, transport);
    case 'batch-norm':
      return batchNormLayer(x, weights, layer);
    case 'conv':
      return {
        y: convForward(x, weights[0]!, weights[1], layer, shape),
        back(dy) {
          const { dx, dw } = convBackward(dy, x, transport(weights[0]!), layer);
          if (!layer.bias) return { dx, gradients: [dw] };
          const db = zeros([layer.filters]);
          for (let i = 0; i < dy.data.length; i++) db.data[i % layer.filters]! += dy.data[i]!;
          return { dx, gradients: [dw, db] };
        },
      };
    case 'pool': {
      const { y, sources } = poolForward(x, layer, shape);
      return {
        y,
        back(dy) {
          const dx = zeros(x.shape);
          for (const { from, to, weight } of sources) dx.data[from]! += weight * dy.data[to]!;
          return { dx, gradients: [] };
        },
      };
    }
    case 'layer-norm':
      return layerNormLayer(x, weights, layer);
    case 'embedding': {
      const { channels } = layer;
      const y = zeros(shape);
      const row = (i: number) => x.data[Math.floor(i / channels)]! * channels + (i % channels);
      for (let i = 0; i < y.data.length; i++) y.data[i] = weights[0]!.data[row(i)]!;
      return {
        y,
        back(dy) {
          const dw = zeros(weights[0]!.shape);
          for (let i = 0; i < dy.data.length; i++) dw.data[row(i)]! += dy.data[i]!;
          return { dx: zeros(x.shape), gradients: [dw] };
        },
      };
    }
    case 'position': {
      const [w] = weights as [NdArray];
      const size = w.data.length;
      return {
        y: mapArray(x, (value, i) => value + w.data[i % size]!),
        back(dy) {
          const dw = zeros(w.shape);
          for (let i = 0; i < dy.data.length; i++) dw.data[i % size]! += dy.data[i]!;
          return { dx: dy, gradients: [dw] };
        },
      };
    }
    case 'attention':
      return attentionLayer(x, weights as [NdArray, NdArray], layer.heads);
    case 'global-average-pool': {
      const [, height, width, channels] = x.shape as [number, number, number, number];
      const size = height * width;
      const y = zeros([x.shape[0]!, channels]);
      const target = (i: number) => Math.floor(i / (size * channels)) * channels + (i % channels);
      for (let i = 0; i < x.data.length; i++) y.data[target(i)]! += x.data[i]! / size;
      return { y, back: (dy) => ({ dx: mapArray(x, (_, i) => dy.data[target(i)]! / size), gradients: [] }) };
    }
    case 'shortcut': {
      const [, height, width, channels] = x.shape as [number, number, number, number];
      const [, outHeight, outWidth, filters] = shape as [number, number, number, number];
      return copyLayer([x], shape, (i) => {
        const [c, ox] = [i % filters, Math.floor(i / filters) % outWidth];
        const [oy, n] = [
          Math.floor(i / filters / outWidth) % outHeight,
          Math.floor(i / filters / outWidth / outHeight),
        ];
        const row = (n * height + oy * layer.stride) * width + ox * layer.stride;
        return c < channels ? { input: 0, at: row * channels + c } : null;
      });
    }
    case 'concat': {
      const inputs = [x, ...others];
      const total = shape.at(-1)!;
      return copyLayer(inputs, shape, (i) => {
        let channel = i % total;
        let input = 0;
        while (channel >= inputs[input]!.shape.at(-1)!) channel -= inputs[input++]!.shape.at(-1)!;
        return { input, at: Math.floor(i / total) * inputs[input]!.shape.at(-1)! + channel };
      });
    }
    case 'add':
      return {
        y: mapArray(x, (value, i) => others.reduce((sum, other) => sum + other.data[i]!, value)),
        back: (dy) => ({ dx: dy, dOthers: others.map(() => dy), gradients: [] }),
      };
    case 'dropout': {
      const mask = options.masks?.[layer.name];
      const apply = (a: NdArray) => mapArray(a, (value, i) => value * (mask?.[i] ?? 1));
      return { y: apply(x), back: (dy) => ({ dx: apply(dy), gradients: [] }) };
    }
    case 'activation': {
      const sigma = buildActivation(layer.function, layer.levels);
      const slope = buildActivationDerivative(layer.function);
      const g = replacement?.derivative ? compileBFunction(replacement.derivative) : (z: number) => evaluate(slope, z);
      const run = (dy: NdArray): NdArray =>
        replacement?.program ? runProgram(replacement, layer, { x, dy }, options.progress ?? 0) : multiply(dy);
      const multiply = (dy: NdArray): NdArray => mapArray(dy, (delta, i) => delta * used(x.data[i]!));
      const used = (z: number) => (replacement?.mask && evaluate(slope, z) === 0 ? 0 : g(z));
      return {
        y: mapArray(x, (z) => evaluate(sigma, z)),
        back: (dy) => ({
          dx: options.formulas?.[layer.name] ? multiplyByFormula(x, dy, layer.name, options) : run(dy),
          gradients: [],
        }),
      };
    }
  }
}

/** Evaluates the program of an activation layer. */
function runProgram(
  { program, depth }: LayerReplacement,
  layer: ActivationLayer,
  { x, dy }: { x: NdArray; dy: NdArray },
  progress: number,
): NdArray {
  const shape = { rows: x.shape[0]!, size: x.data.length };
  const moments = (values: NdArray) => {
    const mean = values.data.reduce((sum, value) => sum + value, 0) / shape.size;
    return { mean, sd: Math.sqrt(values.data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / shape.size) };
  };
  const constant = (value: number) => new Float64Array(shape.size).fill(value);
  const z = Float64Array.from(x.data);
  const values = {
    z,
    d: Float64Array.from(dy.data),
    a: z.map((each) => evaluate(buildActivation(layer.function, layer.levels), each)),
    slope: z.map((each) => evaluate(buildActivationDerivative(layer.function), each)),
    m: constant(moments(x).mean),
    s: constant(moments(x).sd),
    // At the first step, running means are those of the step.
    rm: constant(moments(x).mean),
    rs: constant(moments(x).sd),
    ds: constant(moments(dy).sd),
    t: constant(progress),
    depth: constant(depth),
    // Feedback of random matrices has no reference here; tests compare it with the replaced matrices.
    r: constant(0),
    e: constant(0),
  };
  return ndarray(x.shape, evaluateBatch(parseBackwardProgram(program!.formula), values, shape));
}

/**
 * Computes loss and gradients of one batch in float64, directly from the equations.
 *
 * @param weights by layer, in the order of its parameters
 * @param labels class of each example
 */
export function referenceGradients(
  plan: TrainingPlan,
  weights: readonly (readonly NdArray[])[],
  x: NdArray,
  labels: readonly number[],
  options: ReferenceOptions = {},
): ReferenceResult {
  const batch = x.shape[0]!;
  const inputs: [NdArray, ...NdArray[]][] = [];
  const passes: Pass[] = [];
  for (const [i, layer] of plan.layers.entries()) {
    const { sources, output } = plan.shape.layers[i]!;
    inputs.push(sources.map((source) => (source === -1 ? x : passes[source]!.y)) as [NdArray, ...NdArray[]]);
    passes.push(pass(layer, inputs[i]!, weights[i]!, [batch, ...output], options));
  }
  const current = passes.at(-1)!.y;

  let loss = 0;
  const error = zeros(current.shape);
  for (let n = 0; n < batch; n++) {
    const logits = current.data.subarray(n * plan.classes, (n + 1) * plan.classes);
    const top = Math.max(...logits);
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
    loss += (Math.log(total) + top - logits[labels[n]!]!) / batch;
    for (let k = 0; k < plan.classes; k++) {
      error.data[n * plan.classes + k] = (Math.exp(logits[k]! - top) / total - (k === labels[n] ? 1 : 0)) / batch;
    }
  }

  const errors = passes.map((each, i) => (i === passes.length - 1 ? error : zeros(each.y.shape)));
  const gradients: NdArray[][] = [];
  for (let i = passes.length - 1; i >= 0; i--) {
    const result = passes[i]!.back(errors[i]!);
    gradients[i] = result.gradients;
    const name = plan.layers[i]!.name;
    const direct = listReplacements(options.backward ?? []).find(
      ({ layer, transpose }) => layer === name && transpose?.kind === 'direct-feedback-alignment',
    );
    const dx = direct ? directError(error, options.feedback![name]!, inputs[i]![0].shape) : result.dx;
    for (const [k, each] of [dx, ...(result.dOthers ?? [])].entries()) {
      const below = errors[plan.shape.layers[i]!.sources[k]!];
      if (below) for (let j = 0; j < each.data.length; j++) below.data[j]! += each.data[j]!;
    }
  }
  return { loss, gradients };
}
