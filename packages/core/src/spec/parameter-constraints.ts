import {
  constraintFunctions,
  createSpace,
  findRareConstraints,
  fulfillsConstraint,
  type Constraint,
  type ConstraintFunction,
  type Expression,
  ExpressionError,
  parseFormula,
  type Point,
  type SpaceDefinition,
} from '@gradsmith/bayesopt';
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { didYouMean } from '../domain/suggest-name.ts';
import { measuredConstraintSchema, type MeasuredConstraint } from './measured-constraints.ts';

export const constraintsSchema = z
  .array(
    z.union([
      z.string().min(1).max(500).describe('A comparison of expressions in parameters'),
      measuredConstraintSchema.describe('A limit of a metric that is measured'),
    ]),
  )
  .max(50)
  .describe(
    'Comparisons that every point fulfills, such as `a + b <= 1`; one that names a parameter without a ' +
      'value does not apply to a point. And limits of what trials measure, such as `{ metric: latency, max: 20 }`: ' +
      'only trials that keep to them can be the best',
  );

/** The constraints of a job file; undefined if it has none. Those of measured metrics do not concern points. */
export type ConstraintTexts = readonly (string | MeasuredConstraint)[] | undefined;

const COMPARISONS: readonly string[] = ['lt', 'le', 'gt', 'ge'];
/** Share of random points that must fulfill all constraints. The optimizer finds points by drawing them. */
const LEAST_SHARE = 1e-3;

/** Parses the constraints of a job. `problems` lists what is wrong with them. Paths start at the job. */
export function parseConstraints(
  texts: readonly (string | MeasuredConstraint)[],
  space: SpaceDefinition,
): { constraints: Constraint[]; problems: Problem[] } {
  const constraints: Constraint[] = [];
  const problems: Problem[] = [];
  texts.forEach((text, i) => {
    if (typeof text !== 'string') return;
    try {
      constraints.push(parseConstraint(text, space));
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      problems.push({ path: ['constraints', i], message: error.message });
    }
  });
  return { constraints, problems };
}

function parseConstraint(text: string, space: SpaceDefinition): Constraint {
  const names = Object.keys(space);
  const resolveName = (name: string): Expression<string> => {
    if (!Object.hasOwn(space, name)) {
      if (name === 'pi') return { kind: 'number', value: Math.PI };
      const known = `the parameters are ${names.join(', ')}${didYouMean(name, names)}`;
      throw new ExpressionError(`unknown name ${name}; ${known}`, text.indexOf(name));
    }
    if (!isNumeric(space[name]!)) throw new ExpressionError(`${name} has values that are text`, text.indexOf(name));
    return { kind: 'variable', name };
  };
  const expression = parseFormula<string>(text, resolveName, undefined, true);
  if (expression.kind !== 'call' || !isComparison(expression))
    throw new ExpressionError('must be a comparison, such as a + b <= 1', 0);
  return toConstraint(expression);
}

/** Whether an expression is a comparison, or a product of comparisons: all of them hold. */
function isComparison(expression: Expression<string>): boolean {
  if (expression.kind !== 'call') return false;
  return expression.name === 'mul' ? expression.operands.every(isComparison) : COMPARISONS.includes(expression.name);
}

function isNumeric(parameter: SpaceDefinition[string]): boolean {
  if (parameter.type === 'constant') return typeof parameter.value !== 'string';
  if (parameter.type === 'program') return false;
  return parameter.type !== 'categorical' || parameter.choices.every((choice) => typeof choice !== 'string');
}

function toConstraint(expression: Expression<string>): Constraint {
  if (expression.kind !== 'call') return expression;
  const { kind, name, operands } = expression;
  if (!isConstraintFunction(name)) throw new ExpressionError(`${name} cannot be used in a constraint`, 0);
  return { kind, name, operands: operands.map(toConstraint) };
}

function isConstraintFunction(name: string): name is ConstraintFunction {
  return Object.hasOwn(constraintFunctions, name);
}

/** Lists the constraints that a point of the space does not fulfill, as the job file has them. */
export function listViolations(texts: ConstraintTexts, constraints: readonly Constraint[], point: Point): string[] {
  const written = (texts ?? []).filter((text) => typeof text === 'string');
  return constraints.flatMap((each, i) => (fulfillsConstraint(each, point) ? [] : [written[i]!]));
}

/** Refuses constraints that hardly any point fulfills, and names the one that is to blame, if it is one. */
export function checkAllowedShare(
  texts: ConstraintTexts,
  space: SpaceDefinition,
  constraints: readonly Constraint[],
): Problem[] {
  if (!constraints.length) return [];
  const rare = findRareConstraints(createSpace(space), constraints, LEAST_SHARE);
  if (!rare.together) return [];
  const one = rare.each[0] ?? -1;
  const message =
    one < 0
      ? 'all together hold for less than 1 of 1,000 random points'
      : 'holds for less than 1 of 1,000 random points';
  const path = one < 0 ? ['constraints'] : ['constraints', findPlace(texts, one)];
  return [{ path, message: `${message}; change the ranges of the parameters so that more points fulfill it` }];
}

/** Returns where the job file has comparison number `index`. */
function findPlace(texts: ConstraintTexts, index: number): number {
  return [...(texts ?? []).keys()].filter((i) => typeof texts![i] === 'string')[index]!;
}
