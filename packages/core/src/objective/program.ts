import {
  batchFunctions,
  type Expression,
  formatExpression,
  type FunctionName,
  isFunctionName,
  parseFormula,
} from '@gradsmith/bayesopt';
import { buildActivation, buildActivationDerivative } from './derivatives/b-function.ts';
import type { ActivationName } from './derivatives/catalogue.ts';
import { listVariables, substitute } from './expression/evaluate.ts';
import { contextNames } from './expression/functions.ts';

/** What the program of an activation layer may use. Everything is of the layer and the step. */
export const backwardNames = {
  z: 'the input of the layer',
  ...contextNames,
  d: 'the error ∂C/∂a that arrives: Wᵀδ of the layer above, with 1/batch in it',
  r: 'the error that a fixed random matrix delivers in place of Wᵀ: Bδ of the convolution or dense layer above',
  e: 'the error of the output times a fixed random matrix, as in direct feedback alignment',
  n: 'standard normal noise, drawn for each number and step',
  rm: 'the running mean of m over the steps, with decay 0.9',
  rs: 'the running mean of s over the steps, with decay 0.9',
} as const;
export type BackwardName = keyof typeof backwardNames;

/** Plain backpropagation as a program. */
export const BACKPROPAGATION = 'd * slope';

/** Parses the program of an activation layer. @throws ExpressionError */
export function parseBackwardProgram(formula: string): Expression<BackwardName> {
  return parseFormula(
    formula,
    (name): Expression<BackwardName> | undefined =>
      isBackwardName(name) ? { kind: 'variable', name } : resolvePi(name),
    isFunctionName,
  );
}

function isBackwardName(name: string): name is BackwardName {
  return Object.hasOwn(backwardNames, name);
}

export function resolvePi(name: string): Expression<never> | undefined {
  return name === 'pi' ? { kind: 'number', value: Math.PI } : undefined;
}

/** Whether the layer above has to deliver the error of a random matrix, too. */
export function usesRandomFeedback(formula: string): boolean {
  return listVariables(parseBackwardProgram(formula)).has('r');
}

/** An activation layer, as far as its program depends on it. */
export interface ProgramLayer {
  readonly function: ActivationName;
  readonly levels?: number | undefined;
}

/** Returns what the error below an activation layer is, with σ and σ′ written out. @throws ExpressionError */
export function buildBackwardProgram(formula: string, layer: ProgramLayer): Expression<BackwardName> {
  return substitute<BackwardName>(parseBackwardProgram(formula), describeActivation(layer));
}

function describeActivation(layer: ProgramLayer): { a: Expression<'z'>; slope: Expression<'z'> } {
  return {
    a: buildActivation(layer.function, layer.levels) as Expression<'z'>,
    slope: buildActivationDerivative(layer.function) as Expression<'z'>,
  };
}

/** Describes what operands are at the probes on which programs are compared. */
export function describeBackwardProbes(layer: ProgramLayer): Record<string, string> {
  const { a, slope } = describeActivation(layer);
  return {
    a: formatExpression(a),
    slope: formatExpression(slope),
    s: 'abs(s)',
    ds: 'abs(ds)',
    rs: 'abs(rs)',
    t: 'sigmoid(t)',
    depth: 'sigmoid(depth)',
  };
}

/** The functions of programs if a job file names none. */
export const defaultFunctions: readonly FunctionName[] = [
  'add',
  'sub',
  'mul',
  'div',
  'min',
  'max',
  'gt',
  'abs',
  'sign',
  'square',
  'sqrt',
  'clip',
  'tanh',
  'sigmoid',
];

/** Those of programs that see a whole batch. */
export const defaultBatchFunctions: readonly FunctionName[] = [
  ...defaultFunctions,
  ...(Object.keys(batchFunctions) as (keyof typeof batchFunctions)[]),
];
