import { assemblePoint, type Node } from './conditions.ts';
import type { ParameterValue, Point } from './definition.ts';

/** Values of a parameter by index: all of them, or those of a grid. Numbers are in ascending order. */
export interface ValueList {
  readonly count: number;
  at(k: number): ParameterValue;
}

/** The different points that lists of values make. Inactive parameters make no difference. */
export interface Enumeration {
  /** Number of points; Infinity if there is no end, or if the conditions are too entangled to count. */
  readonly size: number;
  /** Returns the index of each parameter's value in point number k (0 ≤ k < size); −1 if it is inactive. */
  at(k: number): Float64Array;
}

/** Values of a parameter that make the same parameters after it inactive. */
interface Group {
  readonly size: number;
  /** Returns the index in the list of value number j of the group. */
  readonly at: (j: number) => number;
  /** Places of the parameters that these values make inactive. */
  readonly excludes: readonly number[];
}

/** Number of counted states up to which points are counted. Conditions that form trees have few. */
const MAX_STATES = 20_000;

/**
 * Creates the enumeration of the points of `lists`, one for each node. The last parameter changes fastest. A state is
 * what is left to enumerate: a place, and the parameters from there on that are known to be inactive.
 */
export function enumeratePoints(nodes: readonly Node[], lists: readonly ValueList[]): Enumeration {
  if (nodes.every(({ children }) => children.length === 0)) return enumerateProduct(lists);
  const groups = nodes.map((node, place) => groupValues(nodes, node, place, lists[place]!));
  const counts = new Map<string, number>();

  const count = (place: number, inactive: readonly number[]): number => {
    if (place === nodes.length) return 1;
    const key = `${place}:${inactive.join()}`;
    const known = counts.get(key);
    if (known !== undefined) return known;
    if (counts.size >= MAX_STATES) return Infinity;
    const total = listBranches(place, inactive).reduce((sum, { size, rest }) => sum + size * count(place + 1, rest), 0);
    counts.set(key, total);
    return total;
  };

  /** Lists the groups of values at a place, each with the state that follows. */
  const listBranches = (place: number, inactive: readonly number[]) => {
    const later = inactive.filter((other) => other !== place);
    if (later.length === inactive.length)
      return groups[place]!.map(({ size, at, excludes }) => ({ size, at, rest: mergePlaces(later, excludes) }));
    return [{ size: 1, at: () => -1, rest: mergePlaces(later, nodes[place]!.children) }];
  };

  return {
    size: count(0, []),
    at(k) {
      const indices = new Float64Array(nodes.length);
      let left = k;
      let inactive: readonly number[] = [];
      for (let place = 0; place < nodes.length; place++) {
        for (const { size, at, rest } of listBranches(place, inactive)) {
          const each = count(place + 1, rest);
          if (left >= size * each) {
            left -= size * each;
            continue;
          }
          const j = Math.floor(left / each);
          left -= j * each;
          indices[place] = at(j);
          inactive = rest;
          break;
        }
      }
      return indices;
    },
  };
}

/** Returns the point that has the values at these indices of the lists. */
export function assembleAt(
  nodes: readonly Node[],
  names: readonly string[],
  lists: readonly ValueList[],
  indices: Float64Array,
): Point {
  let place = 0;
  // Inactive parameters are not asked for, and their index is −1.
  return assemblePoint(nodes, names, () => {
    while (indices[place] === -1) place += 1;
    const value = lists[place]!.at(indices[place]!);
    place += 1;
    return value;
  });
}

/** Enumerates all combinations of values. */
function enumerateProduct(lists: readonly ValueList[]): Enumeration {
  return {
    size: lists.reduce((product, { count }) => product * count, 1),
    at(k) {
      const indices = new Float64Array(lists.length);
      let rest = k;
      for (let place = lists.length - 1; place >= 0; place--) {
        indices[place] = rest % lists[place]!.count;
        rest = Math.floor(rest / lists[place]!.count);
      }
      return indices;
    },
  };
}

function mergePlaces(a: readonly number[], b: readonly number[]): readonly number[] {
  if (b.length === 0) return a;
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

/** Groups the values of a parameter by the parameters that they make inactive. */
function groupValues(nodes: readonly Node[], { axis, children }: Node, place: number, list: ValueList): Group[] {
  if (children.length === 0) return [{ size: list.count, at: (j) => j, excludes: [] }];
  const conditions = children.map((child) => nodes[child]!.condition.find((part) => part.place === place)!.values);
  const mentioned = [...new Set(conditions.flatMap((values) => [...values]))]
    .map((value) => findIndex(list, value, axis.categorical))
    .filter((index) => index >= 0)
    .sort((a, b) => a - b);
  const groups = new Map<string, { indices: number[]; excludes: number[] }>();
  for (const index of mentioned) {
    const excludes = children.filter((_, i) => !conditions[i]!.has(list.at(index)));
    const key = excludes.join();
    const group = groups.get(key) ?? { indices: [], excludes };
    group.indices.push(index);
    groups.set(key, group);
  }
  const named = [...groups.values()].map(({ indices, excludes }) => ({
    size: indices.length,
    at: (j: number) => indices[j]!,
    excludes,
  }));
  const others = list.count - mentioned.length;
  if (others === 0) return named;
  return [...named, { size: others, at: (j) => skipIndices(mentioned, j), excludes: children }];
}

/** Returns index number j of those that are not in `skipped`, which is in ascending order. */
function skipIndices(skipped: readonly number[], j: number): number {
  let index = j;
  for (const other of skipped) if (other <= index) index += 1;
  return index;
}

/** Returns the index of a value in a list; −1 if it is not there. */
function findIndex(list: ValueList, value: ParameterValue, isUnordered: boolean): number {
  if (isUnordered) {
    for (let k = 0; k < list.count; k++) if (list.at(k) === value) return k;
    return -1;
  }
  let [low, high] = [0, list.count - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (list.at(middle) < value) low = middle + 1;
    else high = middle;
  }
  return list.at(low) === value ? low : -1;
}
