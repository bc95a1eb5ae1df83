import { evaluate, type Expression, type FunctionName, type VariableName } from '@gradsmith/core/objective';
import * as tf from '@tensorflow/tfjs-core';

type Value = tf.Tensor | number;

/** Tensors for the variables of a formula other than z. */
export type TensorContext = Partial<Record<Exclude<VariableName, 'z'>, tf.Tensor>>;

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
};

/**
 * Evaluates the expression for every element of z and of the tensors of its context, which have the shape of z or none,
 * in the shape of z. Equal subexpressions are computed once; constant ones are computed in float64. Must run inside
 * `tf.tidy`.
 */
export function evaluateTensor<T extends tf.Tensor>(expression: Expression, z: T, context: TensorContext = {}): T {
  const known = new Map<string, Value>();
  const visit = (node: Expression): Value => {
    if (node.kind === 'number') return node.value;
    if (node.kind === 'variable') return getVariable(node.name, z, context);
    const key = JSON.stringify(node);
    let value = known.get(key);
    if (value === undefined) {
      const operands = node.operands.map(visit);
      value = operands.every((operand) => typeof operand === 'number')
        ? evaluate(node, {})
        : OPERATIONS[node.name](...operands);
      known.set(key, value);
    }
    return value;
  };
  const value = visit(expression);
  if (typeof value === 'number') return tf.fill(z.shape, value) as T;
  return (tf.util.arraysEqual(value.shape, z.shape) ? value : tf.broadcastTo(value, z.shape)) as T;
}

function getVariable(name: VariableName, z: tf.Tensor, context: TensorContext): tf.Tensor {
  const value = name === 'z' ? z : context[name];
  if (!value) throw new RangeError(`the formula uses ${name}, which has no value here`);
  return value;
}
