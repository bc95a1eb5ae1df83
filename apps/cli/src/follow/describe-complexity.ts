import type { Point } from '@gradsmith/bayesopt';
import { countFormulaNodes, type JobSpec } from '@gradsmith/core/spec';

/** Returns a line for each program of a point, with its operands, constants and functions counted. */
export function describeComplexity({ space }: Pick<JobSpec, 'space'>, point: Point): string[] {
  return Object.entries(point).flatMap(([name, text]) => {
    const parameter = Object.hasOwn(space, name) ? space[name] : undefined;
    const isProgram = typeof parameter === 'object' && parameter.type === 'program';
    const nodes = isProgram ? countFormulaNodes(String(text)) : undefined;
    return nodes === undefined ? [] : [`          ${name}: operands, constants and functions: ${nodes}`];
  });
}
