import type { Expression } from '@gradsmith/core/objective';

/** One expression for several networks. */
export interface MergedExpression {
  /** Where the given expressions have different numbers, this one has a variable. */
  readonly expression: Expression<string>;
  /** The numbers of each of these variables, one for each given expression. */
  readonly numbers: ReadonlyMap<string, readonly number[]>;
}

/**
 * Merges expressions that differ only in their numbers.
 *
 * @throws RangeError if they differ in anything else
 */
export function mergeExpressions(expressions: readonly Expression<string>[]): MergedExpression {
  const numbers = new Map<string, readonly number[]>();
  const merge = (nodes: readonly Expression<string>[]): Expression<string> => {
    const first = nodes[0]!;
    if (first.kind === 'number') {
      const values = nodes.map((node) => (node.kind === 'number' ? node.value : refuse()));
      if (values.every((value) => value === values[0])) return first;
      const name = `number${numbers.size}`;
      numbers.set(name, values);
      return { kind: 'variable', name };
    }
    if (nodes.some((node) => node.kind !== first.kind || node.name !== first.name)) refuse();
    if (first.kind === 'variable') return first;
    const calls = nodes as (typeof first)[];
    return { ...first, operands: first.operands.map((_, i) => merge(calls.map(({ operands }) => operands[i]!))) };
  };
  return { expression: merge(expressions), numbers };
}

function refuse(): never {
  throw new RangeError('b-functions of stacked networks may differ only in their numbers');
}
