import { type Expression, call, expressionFunctions } from './functions.ts';

/** The expression's value at z in float64. */
export function evaluate(expression: Expression, z: number): number {
  if (expression.kind === 'number') return expression.value;
  if (expression.kind === 'z') return z;
  const apply: (...operands: number[]) => number = expressionFunctions[expression.name];
  return apply(...expression.operands.map((operand) => evaluate(operand, z)));
}

/** The expression with `replacement` in the place of every z. */
export function substitute(expression: Expression, replacement: Expression): Expression {
  if (expression.kind === 'number') return expression;
  if (expression.kind === 'z') return replacement;
  return call(expression.name, ...expression.operands.map((operand) => substitute(operand, replacement)));
}
