import { listParents, orderParameters } from './conditions.ts';
import { createAxis } from './create-axis.ts';
import type { ParameterValue, SpaceDefinition, SpaceProblem } from './definition.ts';

/**
 * Lists what is wrong with the conditions of parameters that are valid otherwise: parameters that are not there or have
 * too many values, values that they do not have, cycles, and conditions that no point fulfills.
 */
export function checkConditions(definition: SpaceDefinition): SpaceProblem[] {
  const conditional = Object.entries(definition).filter(([, { when }]) => when !== undefined);
  const problems = conditional.flatMap(([name, { when }]) => checkCondition(definition, name, when));
  if (problems.length > 0) return problems;
  const order = orderParameters(definition);
  const cyclic = conditional.filter(([name]) => !order.includes(name));
  if (cyclic.length > 0) return cyclic.map(([name]) => describeCycle(definition, name));
  return conditional.flatMap(([name]) => findContradiction(definition, name));
}

function checkCondition(definition: SpaceDefinition, name: string, when: unknown): SpaceProblem[] {
  const report = (message: string, ...path: string[]): SpaceProblem => ({ path: [name, 'when', ...path], message });
  if (typeof when !== 'object' || when === null || Array.isArray(when) || Object.keys(when).length === 0)
    return [report('must name at least one parameter with a list of its values')];
  return Object.entries(when).flatMap(([parent, values]: [string, unknown]) => {
    if (!Object.hasOwn(definition, parent)) {
      const known = Object.keys(definition).filter((other) => other !== name);
      return [report(`is no parameter; the others are ${known.join(', ') || 'none'}`, parent)];
    }
    const { type } = definition[parent]!;
    if (type === 'float' || type === 'program')
      return [report(`is a ${type}; only categorical, int and constant can be named`, parent)];
    if (!Array.isArray(values) || values.length === 0) return [report('must be a list of at least one value', parent)];
    const axis = createAxis(parent, definition[parent]!);
    return values.flatMap((value: ParameterValue, index) =>
      axis.contains(value) ? [] : [report(`is not a value of ${parent}`, parent, String(index))],
    );
  });
}

/** Describes the cycle that is reached from a parameter that has no place in an order. */
function describeCycle(definition: SpaceDefinition, name: string): SpaceProblem {
  const order = orderParameters(definition);
  const path = [name];
  for (;;) {
    const next = listParents(definition, path.at(-1)!).find((parent) => !order.includes(parent))!;
    const start = path.indexOf(next);
    path.push(next);
    if (start >= 0) {
      const message = `must not depend on itself: ${path.slice(start).join(' needs ')}`;
      return { path: [name, 'when'], message };
    }
  }
}

function findContradiction(definition: SpaceDefinition, name: string): SpaceProblem[] {
  const empty = [...collectDemands(definition, name)].find(([, values]) => values.length === 0);
  if (!empty) return [];
  const message = `holds in no point, because the conditions that it includes demand different values of ${empty[0]}`;
  return [{ path: [name, 'when'], message }];
}

/**
 * Collects the values that other parameters can have in points in which a parameter is active: its condition, with the
 * conditions of the parameters that it names.
 */
export function collectDemands(definition: SpaceDefinition, name: string): Map<string, readonly ParameterValue[]> {
  const demanded = new Map<string, readonly ParameterValue[]>();
  const visited = new Set<string>();
  const visit = (current: string): void => {
    if (visited.has(current)) return;
    visited.add(current);
    for (const [parent, values] of Object.entries(definition[current]!.when ?? {})) {
      const before = demanded.get(parent);
      demanded.set(parent, before ? before.filter((value) => values.includes(value)) : values);
      visit(parent);
    }
  };
  visit(name);
  return demanded;
}
