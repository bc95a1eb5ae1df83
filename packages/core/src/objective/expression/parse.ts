import { parseFormula } from '@gradsmith/bayesopt';
import { type Expression, isContextName, number, variable, z } from './functions.ts';

/** Names with their own meaning, which a parameter of that name would not change. */
const CONSTANTS: Readonly<Record<string, Expression>> = { z, pi: number(Math.PI) };

/** Whether a parameter cannot have this name. */
export function isReserved(name: string): boolean {
  return Object.hasOwn(CONSTANTS, name);
}

/**
 * Parses a formula such as `0.5 * (1 + tanh(2*z - b))` into an expression. Names are `z`, `pi`, the given parameters,
 * the context (`contextNames`) and the functions. A parameter hides a name of the context; operators by falling
 * precedence: ^ (right to left), unary −, * /, + −, < <= > >= (1 or 0). Nothing is ever evaluated as program text.
 *
 * @throws ExpressionError
 */
export function parseExpression(text: string, parameters: Readonly<Record<string, number>> = {}): Expression {
  return parseFormula(text, (name) => {
    if (isReserved(name)) return CONSTANTS[name];
    if (Object.hasOwn(parameters, name)) return number(parameters[name]!);
    return isContextName(name) ? variable(name) : undefined;
  });
}
