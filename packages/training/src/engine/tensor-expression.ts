import { evaluate, type Expression, type FunctionName } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';

type Value = tf.Tensor | number;

/** Tensors for the variables of a formula other than z. */
export type TensorContext = Partial<Record<string, tf.Tensor>>;

const truth = (condition: tf.Tensor): tf.Tensor => tf.cast(condition, 'float32');

/** TensorFlow.js accepts a number if one of two operands is a tensor. */
const binary = (apply: (a: tf.Tensor | number, b: tf.Tensor | number) => tf.Tensor) => (a: Value, b: Value) =>
  apply(a, b);
const unary = (apply: (a: tf.Tensor) => tf.Tensor) => (a: Value) => apply(a as tf.Tensor);

/** Multiplies, because not every backend's pow accepts a negative base. */
function integerPower(base: tf.Tensor, exponent: number): tf.Tensor {
  let power = base;
  for (let i = 1; i < exponent; i++) power = tf.mul(power, base);
  return power;
}

const OPERATIONS: { readonly [Name in FunctionName]: (...operands: Value[]) => tf.Tensor } = {
  add: binary(tf.add),
  sub: binary(tf.sub),
  mul: binary(tf.mul),
  div: binary(tf.div),
  pow: (a, b) =>
    typeof b === 'number' && Number.isInteger(b) && b >= 2 && b <= 8 ? integerPower(a as tf.Tensor, b) : tf.pow(a, b),
  neg: unary(tf.neg),
  gt: (a, b) => (b === 0 ? tf.step(a as tf.Tensor) : truth(tf.greater(a, b))),
  ge: (a, b) => truth(tf.greaterEqual(a, b)),
  lt: (a, b) => truth(tf.less(a, b)),
  le: (a, b) => truth(tf.lessEqual(a, b)),
  if: (c, a, b) => tf.where(tf.notEqual(c as tf.Tensor, 0), a as tf.Tensor, b as tf.Tensor),
  nonzero: (a) => truth(tf.notEqual(a as tf.Tensor, 0)),
  min: binary(tf.minimum),
  max: (a, b) => (b === 0 ? tf.relu(a as tf.Tensor) : tf.maximum(a, b)),
  abs: unary(tf.abs),
  floor: unary(tf.floor),
  sign: unary(tf.sign),
  exp: unary(tf.exp),
  log: unary(tf.log),
  sqrt: unary(tf.sqrt),
  sin: unary(tf.sin),
  cos: unary(tf.cos),
  atan: unary(tf.atan),
  tanh: unary(tf.tanh),
  sigmoid: unary(tf.sigmoid),
  softplus: unary(tf.softplus),
  erf: unary(tf.erf),
  square: unary(tf.square),
  clip: (a, c) => {
    const most = typeof c === 'number' ? Math.abs(c) : tf.abs(c);
    const least = typeof most === 'number' ? -most : tf.neg(most);
    return tf.maximum(tf.minimum(a, most), least);
  },
  center: (a) => centerBatch(a as tf.Tensor),
  standardize: (a) => rescaleBatch(centerBatch(a as tf.Tensor)),
  rescale: (a) => rescaleBatch(a as tf.Tensor),
  rescaleRows: (a) => {
    const rows = toRows(a as tf.Tensor);
    return tf.reshape(tf.div(rows, tf.sqrt(tf.add(tf.mean(tf.square(rows), 1, true), TINY))), (a as tf.Tensor).shape);
  },
  rescaleMax: (a) => tf.div(a as tf.Tensor, tf.add(tf.max(tf.abs(a as tf.Tensor)), TINY)),
};

const WHOLE_BATCH: ReadonlySet<string> = new Set(['center', 'standardize', 'rescale', 'rescaleRows', 'rescaleMax']);

/** Keeps a divisor above zero. It is smaller than the square of any value that matters. */
export const TINY = 1e-30;

function toRows(values: tf.Tensor): tf.Tensor {
  return tf.reshape(values, [values.shape[0]!, -1]);
}

/** Computes a mean in two stages, because each stage may add sequentially. */
function computeMean(values: tf.Tensor): tf.Tensor {
  return tf.mean(tf.mean(toRows(values), 1));
}

function centerBatch(values: tf.Tensor): tf.Tensor {
  return tf.sub(values, computeMean(values));
}

function rescaleBatch(values: tf.Tensor): tf.Tensor {
  return tf.div(values, tf.sqrt(tf.add(computeMean(tf.square(values)), TINY)));
}

/**
 * Evaluates the expression for every element of z and of the tensors of its context, which have the shape of z or none,
 * in the shape of z. Equal subexpressions are computed once; constant ones are computed in float64. Must run inside
 * `tf.tidy`.
 */
export function evaluateTensor<T extends tf.Tensor>(
  expression: Expression<string>,
  z: T,
  context: TensorContext = {},
): T {
  const known = new Map<string, Value>();
  const broadcast = (value: Value): tf.Tensor => {
    if (typeof value === 'number') return tf.fill(z.shape, value);
    return tf.util.arraysEqual(value.shape, z.shape) ? value : tf.broadcastTo(value, z.shape);
  };
  const visit = (node: Expression<string>): Value => {
    if (node.kind === 'number') return node.value;
    if (node.kind === 'variable') return getVariable(node.name, z, context);
    const key = JSON.stringify(node);
    let value = known.get(key);
    if (value === undefined) {
      const operands = node.operands.map(visit);
      if (WHOLE_BATCH.has(node.name)) value = OPERATIONS[node.name](...operands.map(broadcast));
      else if (operands.every((operand) => typeof operand === 'number')) value = evaluate(node as Expression, {});
      else value = OPERATIONS[node.name](...operands);
      known.set(key, value);
    }
    return value;
  };
  return broadcast(visit(expression)) as T;
}

function getVariable(name: string, z: tf.Tensor, context: TensorContext): tf.Tensor {
  const value = context[name] ?? (name === 'z' ? z : undefined);
  if (!value) throw new RangeError(`the formula uses ${name}, which has no value here`);
  return value;
}
