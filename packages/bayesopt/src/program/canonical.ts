import { formatExpression } from '../expression/format.ts';
import { call, type Expression, expressionFunctions, isElementFunction, number } from '../expression/functions.ts';

/** Significant digits of constants that are computed from others. */
const DIGITS = 12;

const isNumber = (expression: Expression, value: number): boolean =>
  expression.kind === 'number' && expression.value === value;

/**
 * Returns the canonical form of a program: constants are computed, operands of commutative functions sorted, and
 * operations without effect left out.
 */
export function canonicalize(expression: Expression): Expression {
  if (expression.kind !== 'call') return expression;
  const { name } = expression;
  const operands = expression.operands.map(canonicalize);
  const folded = foldConstants(name, operands);
  if (folded) return folded;
  const [a, b] = operands as [Expression, Expression];
  switch (name) {
    case 'add':
      if (isNumber(a, 0)) return b;
      if (isNumber(b, 0)) return a;
      break;
    case 'sub':
      if (isNumber(b, 0)) return a;
      break;
    case 'mul':
      if (isNumber(a, 1)) return b;
      if (isNumber(b, 1)) return a;
      break;
    case 'div':
    case 'pow':
      if (isNumber(b, 1)) return a;
      break;
    case 'neg':
      if (a.kind === 'call' && a.name === 'neg') return a.operands[0]!;
      break;
  }
  const isCommutative = name === 'add' || name === 'mul' || name === 'min' || name === 'max';
  return call(name, ...(isCommutative ? operands.sort(compareExpressions) : operands));
}

function foldConstants(name: string, operands: readonly Expression[]): Expression | undefined {
  if (!isElementFunction(name)) return undefined;
  const values = operands.flatMap((operand) => (operand.kind === 'number' ? [operand.value] : []));
  if (values.length < operands.length) return undefined;
  const apply: (...numbers: number[]) => number = expressionFunctions[name];
  const value = Number(apply(...values).toPrecision(DIGITS));
  return Number.isFinite(value) ? number(value + 0) : undefined;
}

const KINDS = ['number', 'variable', 'call'];

function compareExpressions(a: Expression, b: Expression): number {
  if (a.kind !== b.kind) return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);
  const [left, right] = [formatExpression(a), formatExpression(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
