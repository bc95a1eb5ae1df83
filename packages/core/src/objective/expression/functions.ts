import { type Expression as BaseExpression } from '@gradsmith/bayesopt';

export { call, expressionFunctions, type FunctionName, number } from '@gradsmith/bayesopt';

/**
 * What a formula may use in addition to z. Except for the progress, everything is of the layer and the step at which g
 * is computed; means and deviations are over the whole batch and all positions and channels.
 */
export const contextNames = {
  t: 'the progress of the training, from 0 at its first step to 1 at its last',
  m: 'the mean of z over the batch',
  s: 'the standard deviation of z over the batch',
  a: 'the forward value σ(z)',
  slope: 'σ′(z)',
  d: 'the error ∂C/∂a that arrives from above, with 1/batch in it',
  ds: 'the standard deviation of d over the batch',
  depth: 'the position of the layer: 0 for the first of the layers that share the formula, 1 for the last',
} as const;
export type ContextName = keyof typeof contextNames;

/** What a formula may name: its variable z, and the context. */
export type VariableName = 'z' | ContextName;

/** A formula of the language that constraints and programs use too. That of a b-function uses these names. */
export type Expression<Name extends string = VariableName> = BaseExpression<Name>;

export function variable(name: VariableName): Expression {
  return { kind: 'variable', name };
}

export const z: Expression = variable('z');

export function isContextName(name: string): name is ContextName {
  return Object.hasOwn(contextNames, name);
}
