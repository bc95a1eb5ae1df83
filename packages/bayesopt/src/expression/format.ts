import type { ElementFunctionName, Expression } from './functions.ts';

/** A text and how tightly its outermost operator binds. */
interface Piece {
  readonly text: string;
  readonly level: number;
}

const OPERATORS: Partial<Record<ElementFunctionName, readonly [symbol: string, level: number]>> = {
  gt: ['>', 1],
  ge: ['>=', 1],
  lt: ['<', 1],
  le: ['<=', 1],
  add: ['+', 2],
  sub: ['-', 2],
  mul: ['*', 3],
  div: ['/', 3],
};
const NEGATED = 4;
const POWER = 5;
const PRIMARY = 6;

/** Returns the formula of an expression, with as few parentheses as possible. `parseFormula` reads the same again. */
export function formatExpression(expression: Expression): string {
  return format(expression).text;
}

function format(expression: Expression): Piece {
  if (expression.kind === 'variable') return { text: expression.name, level: PRIMARY };
  if (expression.kind === 'number')
    return { text: String(expression.value), level: expression.value < 0 ? NEGATED : PRIMARY };
  const { name, operands } = expression;
  const [left, right] = operands as [Expression, Expression];
  const operator = OPERATORS[name as ElementFunctionName];
  if (operator) {
    const [symbol, level] = operator;
    return { text: `${wrap(left, level)} ${symbol} ${wrap(right, level + 1)}`, level };
  }
  if (name === 'neg') return { text: `-${wrap(left, POWER)}`, level: NEGATED };
  if (name === 'pow') return { text: `${wrap(left, PRIMARY)}^${wrap(right, NEGATED)}`, level: POWER };
  return { text: `${name}(${operands.map((operand) => format(operand).text).join(', ')})`, level: PRIMARY };
}

function wrap(expression: Expression, least: number): string {
  const { text, level } = format(expression);
  return level < least ? `(${text})` : text;
}
