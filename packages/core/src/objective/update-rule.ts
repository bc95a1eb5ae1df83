import { type Expression, parseFormula } from '@gradsmith/bayesopt';
import { resolvePi } from './program.ts';

/** What the formula of the optimizer `program` may use. m, v and p are zero before the first step. */
export const updateNames = {
  g: 'the gradient',
  m: 'the running mean of g with decay beta1: m ← β₁m + (1−β₁)g',
  v: 'the running mean of g² with decay beta2',
  p: 'm before this step',
  mh: 'm / (1 − β₁ᵏ): m without its bias to zero',
  vh: 'v / (1 − β₂ᵏ)',
  w: 'the weight',
  t: 'the progress of the training, from 0 at its first step to 1 at its last',
  k: 'the number of the step, from 1',
} as const;
export type UpdateName = keyof typeof updateNames;

/** What operands are at the probes on which programs are compared. */
export const updateProbes: Readonly<Record<string, string>> = {
  v: 'abs(v)',
  vh: 'abs(vh)',
  t: 'sigmoid(t)',
  k: '1 + abs(k)',
};

/** Parses the step Δ of an update rule: w ← w − learning rate · Δ. @throws ExpressionError */
export function parseUpdateRule(formula: string): Expression<UpdateName> {
  return parseFormula(formula, (name): Expression<UpdateName> | undefined =>
    isUpdateName(name) ? { kind: 'variable', name } : resolvePi(name),
  );
}

function isUpdateName(name: string): name is UpdateName {
  return Object.hasOwn(updateNames, name);
}
