import { createSpace, type Parameter, type Point, type SpaceDefinition } from '@gradsmith/bayesopt';
import { z } from 'zod';
import { InvalidInput, type Problem } from './errors.ts';
import { didYouMean } from './suggest-name.ts';

export const pointSchema = z
  .record(z.string().max(64), z.union([z.number(), z.string().max(100), z.boolean()]))
  .describe('Value of every parameter, in its own units');

/**
 * Returns a client's point with the parameters that have only one value filled in.
 *
 * @throws InvalidInput naming each parameter that is missing, unknown or out of its range
 */
export function completePoint(definition: SpaceDefinition, given: Point): Point {
  const space = createSpace(definition);
  const constants = Object.entries(definition).flatMap(([name, parameter]) =>
    parameter.type === 'constant' ? [[name, parameter.value] as const] : [],
  );
  const point = { ...Object.fromEntries(constants), ...given };
  if (space.contains(point))
    return Object.fromEntries(
      Object.keys(definition)
        .sort()
        .map((name) => [name, point[name]!]),
    );
  const names = Object.keys(definition);
  const problems = [...new Set([...names, ...Object.keys(point)])].flatMap((name): Problem[] => {
    const parameter = Object.hasOwn(definition, name) ? definition[name] : undefined;
    if (!parameter)
      return [
        {
          path: ['point', name],
          message: `is no parameter of this job; it has ${names.join(', ')}${didYouMean(name, names)}`,
        },
      ];
    if (!Object.hasOwn(point, name))
      return [{ path: ['point', name], message: `is missing; it takes ${describeValues(parameter)}` }];
    const alone = createSpace({ [name]: parameter });
    return alone.contains({ [name]: point[name]! })
      ? []
      : [{ path: ['point', name], message: `takes ${describeValues(parameter)}` }];
  });
  throw new InvalidInput(problems, 'the point');
}

function describeValues(parameter: Parameter): string {
  if (parameter.type === 'constant') return `only ${parameter.value}`;
  if (parameter.type === 'categorical') return `one of ${parameter.choices.slice(0, 20).join(', ')}`;
  const step = parameter.step === undefined ? '' : ` in steps of ${parameter.step}`;
  const kind = parameter.type === 'int' ? 'a whole number' : 'a number';
  return `${kind} from ${parameter.low} to ${parameter.high}${step}`;
}
