import { isCollection, isMap, isScalar, parseDocument, type Document } from 'yaml';

export type Path = readonly (string | number)[];

/**
 * Writes a value at a path of a job text. Everything else, comments included, stays as it is.
 *
 * @param value undefined removes the field, and the maps that are empty without it
 */
export function setYamlValue(text: string, path: Path, value: unknown): string {
  const document = parseDocument(text);
  if (value === undefined) removeValue(document, path);
  else {
    createParents(document, path);
    document.setIn(path, isScalarValue(value) ? value : document.createNode(value));
  }
  return document.toString({ lineWidth: 0 });
}

/** Renames a field of a map, which keeps its place, its value and its comments. */
export function renameYamlKey(text: string, path: Path, name: string): string {
  const document = parseDocument(text);
  const map = document.getIn(path.slice(0, -1));
  if (!isMap(map) || map.has(name)) return text;
  const pair = map.items.find(({ key }) => String(isScalar(key) ? key.value : key) === path.at(-1));
  if (!pair) return text;
  if (isScalar(pair.key)) pair.key.value = name;
  else pair.key = name;
  return document.toString({ lineWidth: 0 });
}

function isScalarValue(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** A field without a value, such as `space:`, becomes a map or a list. */
function createParents(document: Document, path: Path): void {
  for (let i = 0; i < path.length; i++) {
    const at = path.slice(0, i);
    if (isCollection(document.getIn(at, true))) continue;
    const parent = document.createNode(typeof path[i] === 'number' ? [] : {});
    if (i === 0) document.contents = parent;
    else document.setIn(at, parent);
  }
}

function removeValue(document: Document, path: Path): void {
  if (!document.hasIn(path)) return;
  document.deleteIn(path);
  for (let i = path.length - 1; i > 0; i--) {
    const parent = document.getIn(path.slice(0, i));
    // Items of lists are removed by their own button.
    if (!isMap(parent) || parent.items.length > 0 || typeof path[i - 1] === 'number') return;
    document.deleteIn(path.slice(0, i));
  }
}
