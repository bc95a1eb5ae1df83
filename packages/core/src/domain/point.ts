import { createSpace, type Condition, type Parameter, type Point, type SpaceDefinition } from '@gradsmith/bayesopt';
import { z } from 'zod';
import { InvalidInput, type Problem } from './errors.ts';
import { didYouMean } from './suggest-name.ts';

export const pointSchema = z
  .record(z.string().max(64), z.union([z.number(), z.string().max(500), z.boolean()]))
  .describe('Value of every parameter, in its own units');

/**
 * Returns a client's point with the active parameters that have only one value filled in.
 *
 * @throws InvalidInput naming each parameter that is missing, unknown, inactive or out of its range
 */
export function completePoint(definition: SpaceDefinition, given: Point): Point {
  const space = createSpace(definition);
  const active = space.listActive(given);
  const constants = active.flatMap((name) => {
    const parameter = definition[name]!;
    return parameter.type === 'constant' ? [[name, parameter.value] as const] : [];
  });
  const point = { ...Object.fromEntries(constants), ...given };
  if (space.contains(point)) return Object.fromEntries(active.sort().map((name) => [name, point[name]!]));
  throw new InvalidInput(
    listPointProblems(definition, point).map(({ path, message }) => ({ path: ['point', ...path], message })),
    'the point',
  );
}

/** Lists why a point is not of the space. Paths start with a parameter. */
export function listPointProblems(definition: SpaceDefinition, point: Point): Problem[] {
  const names = Object.keys(definition);
  const active = new Set(createSpace(definition).listActive(point));
  return [...new Set([...names, ...Object.keys(point)])].flatMap((name): Problem[] => {
    const report = (message: string): Problem[] => [{ path: [name], message }];
    const { when, ...parameter } = (Object.hasOwn(definition, name) ? definition[name] : undefined) ?? { type: null };
    if (parameter.type === null)
      return report(`is no parameter of this job; it has ${names.join(', ')}${didYouMean(name, names)}`);
    const isGiven = Object.hasOwn(point, name);
    if (!active.has(name))
      return isGiven ? report(`has no value in this point; it takes one only when ${describeCondition(when!)}`) : [];
    if (!isGiven) return report(`is missing; it takes ${describeValues(parameter)}`);
    const alone = createSpace({ [name]: parameter });
    return alone.contains({ [name]: point[name]! }) ? [] : report(`takes ${describeValues(parameter)}`);
  });
}

/** Returns `optimizer is adam or adamw and layers is 2`. */
export function describeCondition(when: Condition): string {
  return Object.entries(when)
    .map(([name, values]) => `${name} is ${values.join(' or ')}`)
    .join(' and ');
}

function describeValues(parameter: Parameter): string {
  if (parameter.type === 'constant') return `only ${parameter.value}`;
  if (parameter.type === 'categorical') return `one of ${parameter.choices.slice(0, 20).join(', ')}`;
  if (parameter.type === 'program')
    return (
      `a formula of at most ${parameter.maxNodes} nodes with ${parameter.operands.join(', ')} and the functions ` +
      parameter.functions.join(', ')
    );
  const step = parameter.step === undefined ? '' : ` in steps of ${parameter.step}`;
  const kind = parameter.type === 'int' ? 'a whole number' : 'a number';
  return `${kind} from ${parameter.low} to ${parameter.high}${step}`;
}
