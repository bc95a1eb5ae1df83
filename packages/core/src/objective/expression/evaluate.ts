import { isElementFunction } from '@gradsmith/bayesopt';
import { type Expression, call, expressionFunctions, type VariableName } from './functions.ts';

/** Numbers for the variables of a formula. */
export type VariableValues = Readonly<Partial<Record<VariableName, number>>>;

/**
 * Returns the expression's value in float64.
 *
 * @param values of its variables; a number stands for z alone
 * @throws RangeError when a variable has no value
 */
export function evaluate(expression: Expression, values: number | VariableValues): number {
  if (expression.kind === 'number') return expression.value;
  if (expression.kind === 'variable') {
    if (typeof values === 'number' && expression.name === 'z') return values;
    const value = typeof values === 'number' ? undefined : values[expression.name];
    if (value === undefined) throw new RangeError(`the formula uses ${expression.name}, which has no value here`);
    return value;
  }
  if (!isElementFunction(expression.name)) throw new RangeError(`${expression.name} needs a whole batch`);
  const apply: (...operands: number[]) => number = expressionFunctions[expression.name];
  const [first, second, ...others] = expression.operands;
  // Without lists for one or two operands, which nearly all functions have: it is several times as fast.
  if (!others.length)
    return second ? apply(evaluate(first!, values), evaluate(second, values)) : apply(evaluate(first!, values));
  return apply(...expression.operands.map((operand) => evaluate(operand, values)));
}

/** Returns the expression with other expressions in place of variables. */
export function substitute<Name extends string = VariableName>(
  expression: Expression<Name>,
  replacements: Readonly<Partial<Record<Name, Expression<Name>>>>,
): Expression<Name> {
  if (expression.kind === 'number') return expression;
  if (expression.kind === 'variable') return replacements[expression.name] ?? expression;
  return call(expression.name, ...expression.operands.map((operand) => substitute(operand, replacements)));
}

/** Returns the variables that an expression uses. */
export function listVariables<Name extends string>(expression: Expression<Name>): ReadonlySet<Name> {
  if (expression.kind === 'number') return new Set();
  if (expression.kind === 'variable') return new Set([expression.name]);
  return new Set(expression.operands.flatMap((operand) => [...listVariables(operand)]));
}
