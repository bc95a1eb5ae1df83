import type { Axis } from './axis.ts';
import { createAxis } from './create-axis.ts';
import type { ParameterValue, Point, SpaceDefinition } from './definition.ts';

/** A parameter at its place in an order in which each parameter comes after those that its condition names. */
export interface Node {
  readonly axis: Axis;
  /** Index of its coordinate; −1 if it has a single value. */
  readonly index: number;
  /** The places of the parameters that its condition names, with the values that make it active. */
  readonly condition: readonly { readonly place: number; readonly values: ReadonlySet<ParameterValue> }[];
  /** The places of the parameters whose conditions name it. */
  readonly children: readonly number[];
}

/**
 * Orders the names such that each comes after those that its condition names, and soon after. Without conditions it is
 * the canonical order. Names in or behind a cycle are left out.
 */
export function orderParameters(definition: SpaceDefinition): string[] {
  const names = Object.keys(definition).sort(compareCodeUnits);
  const children = listChildren(definition, names);
  const missing = new Map(names.map((name) => [name, listParents(definition, name).length]));
  const order: string[] = [];
  const place = (name: string): void => {
    order.push(name);
    for (const child of children.get(name) ?? []) {
      missing.set(child, missing.get(child)! - 1);
      if (missing.get(child) === 0) place(child);
    }
  };
  for (const name of names) if (listParents(definition, name).length === 0) place(name);
  return order;
}

/** Lists the parameters that a condition names. */
export function listParents(definition: SpaceDefinition, name: string): string[] {
  return Object.keys(definition[name]!.when ?? {});
}

/** Lists for each name the parameters whose conditions name it, in the order of `names`. */
function listChildren(definition: SpaceDefinition, names: readonly string[]): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const name of names) {
    for (const parent of listParents(definition, name)) children.set(parent, [...(children.get(parent) ?? []), name]);
  }
  return children;
}

/** Creates the nodes of a checked definition, in the order of `orderParameters`. */
export function createNodes(definition: SpaceDefinition, axes: readonly Axis[]): Node[] {
  const order = orderParameters(definition);
  const places = new Map(order.map((name, place) => [name, place]));
  const children = listChildren(definition, order);
  const indices = new Map(axes.map(({ name }, index) => [name, index]));
  return order.map((name) => ({
    axis: axes[indices.get(name) ?? -1] ?? createAxis(name, definition[name]!),
    index: indices.get(name) ?? -1,
    condition: Object.entries(definition[name]!.when ?? {}).map(([parent, values]) => ({
      place: places.get(parent)!,
      values: new Set(values),
    })),
    children: (children.get(name) ?? []).map((child) => places.get(child)!),
  }));
}

/**
 * Visits the nodes in order. `choose` returns the value of an active node, which decides about the nodes after it;
 * `skip` is called for an inactive one.
 */
export function visitNodes(
  nodes: readonly Node[],
  choose: (node: Node) => ParameterValue | undefined,
  skip: (node: Node) => void = () => {},
): void {
  const values: (ParameterValue | undefined)[] = [];
  for (const node of nodes) {
    const isActive = node.condition.length === 0 || isFulfilled(node.condition, values);
    if (!isActive) skip(node);
    values.push(isActive ? choose(node) : undefined);
  }
}

function isFulfilled(condition: Node['condition'], values: readonly (ParameterValue | undefined)[]): boolean {
  return condition.every((part) => part.values.has(values[part.place]!));
}

/** Creates a point from the values of its active parameters. `names` are in canonical order. */
export function assemblePoint(
  nodes: readonly Node[],
  names: readonly string[],
  choose: (node: Node) => ParameterValue,
): Point {
  const values = new Map<string, ParameterValue>();
  visitNodes(nodes, (node) => {
    const value = choose(node);
    values.set(node.axis.name, value);
    return value;
  });
  const point: Record<string, ParameterValue> = {};
  for (const name of names) {
    const value = values.get(name);
    if (value !== undefined) defineValue(point, name, value);
  }
  return point;
}

/** Sets an own property, because assigning to `__proto__` would change the prototype. */
function defineValue(point: Record<string, ParameterValue>, name: string, value: ParameterValue): void {
  if (name === '__proto__') {
    Object.defineProperty(point, name, { value, enumerable: true, configurable: true, writable: true });
  } else point[name] = value;
}

export function compareCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
