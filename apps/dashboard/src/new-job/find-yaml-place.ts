/** A place in a job text: the path of the map or list around it, and whether a name or a value stands there. */
export interface YamlPlace {
  readonly path: readonly (string | number)[];
  readonly isKey: boolean;
  /** Offset where the word at the place starts. */
  readonly from: number;
}

const LINE = /^(?<indent> *)(?<dashes>(?:- +)*)(?:(?<key>[\w.-]+) *:(?: |$))?/;

/**
 * Finds out where an offset of a text is, without parsing it: a text that is being written is rarely valid. Knows maps
 * and lists in block style, and flow style within one line.
 */
export function findYamlPlace(text: string, offset: number): YamlPlace {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(start, offset);
  const word = /[^\s{}[\],:]*$/.exec(before)![0];
  const from = offset - word.length;
  const head = before.slice(0, before.length - word.length);
  const { indent = '', dashes = '', key } = LINE.exec(head)?.groups ?? {};
  const path = findParents(text.slice(0, start).split('\n').slice(0, -1), indent.length, dashes);
  const rest = head.slice(indent.length + dashes.length);
  if (key === undefined && !/[{[]/.test(rest)) return { path, isKey: true, from };
  return { ...followFlow(rest, path), from };
}

/** Returns the names above a line, from the lines before it. */
function findParents(lines: readonly string[], indent: number, dashes: string): (string | number)[] {
  const path: (string | number)[] = [];
  // In a list, the dash belongs to the item, and what follows it is one level deeper.
  let level = indent + dashes.length;
  let isItem = dashes.length > 0;
  let items = 0;
  if (isItem) level = indent;
  for (const line of lines.toReversed()) {
    const match = LINE.exec(line);
    if (!match || !line.trim() || line.trim().startsWith('#')) continue;
    const { indent: spaces = '', dashes: marks = '', key } = match.groups!;
    const column = spaces.length;
    const isDash = marks.length > 0;
    if (isItem && isDash && column === level) items++;
    else if (isItem && !isDash && key !== undefined && column <= level) {
      path.unshift(key, items);
      [level, isItem, items] = [column, false, 0];
    } else if (!isItem && isDash && column + marks.length <= level) {
      // The line before belongs to an item of a list, whose first name may stand behind the dash.
      if (column + marks.length < level && key !== undefined) path.unshift(key);
      [level, isItem, items] = [column, true, 0];
    } else if (!isItem && key !== undefined && column < level) {
      path.unshift(key);
      level = column;
    }
  }
  return path;
}

/** Follows braces and names within a line. */
function followFlow(
  rest: string,
  parents: readonly (string | number)[],
): { path: (string | number)[]; isKey: boolean } {
  const path = [...parents];
  // The name before the next value, and for each open bracket the depth of the path at it.
  const depths: { length: number; isList: boolean }[] = [];
  let name: string | null = null;
  for (const [token] of rest.matchAll(/[{}[\],]|[\w.-]+ *:(?= |$)|[^\s{}[\],]+/g)) {
    if (token === '{' || token === '[') {
      depths.push({ length: path.length, isList: token === '[' });
      if (name !== null) path.push(name);
      if (token === '[') path.push(0);
      name = null;
    } else if (token === '}' || token === ']') {
      path.length = depths.pop()?.length ?? parents.length;
      name = null;
    } else if (token === ',') {
      name = null;
      if (depths.at(-1)?.isList) path.push(Number(path.pop()) + 1);
    } else if (token.endsWith(':')) name = token.slice(0, -1).trim();
  }
  if (name !== null) return { path: [...path, name], isKey: false };
  return { path, isKey: !depths.at(-1)?.isList };
}
