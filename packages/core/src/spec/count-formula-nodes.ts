import { countNodes, type Expression, ExpressionError, parseFormula } from '@gradsmith/bayesopt';

/**
 * Counts the operands, constants and functions of a formula: its complexity. undefined if the text is no formula, as a
 * job from elsewhere may have it.
 */
export function countFormulaNodes(text: string): number | undefined {
  try {
    return countNodes(
      parseFormula(
        text,
        (name): Expression => ({ kind: 'variable', name }),
        () => true,
      ),
    );
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
