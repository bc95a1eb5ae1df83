import { findPair, readYaml } from '@gradsmith/contract/job-text';
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  stringify,
  visit,
  type Alias,
  type Document,
  type Node,
} from 'yaml';
import { canHold, hasField, renameField, writeValue, type Path } from './edit-value.ts';

/**
 * Writes a value at a path of a job text. Everything else, comments included, stays as it is. A value that other places
 * repeat by aliases is written out, so that only this place changes. The text stays as it is if it cannot be read, or
 * if something else than a map or a list is in the way.
 *
 * @param value undefined removes the field, and the maps that are empty without it
 */
export function setYamlValue(text: string, path: Path, value: unknown): string {
  const { value: job, findings } = readYaml(text);
  if (findings.length || !canHold(job, path) || (value === undefined && !hasField(job, path))) return text;
  const edit = (document: Document): void => {
    if (value === undefined) removeValue(document, path);
    else setValue(document, path, value);
  };
  return chooseText(text, writeValue(job, path, value) ?? {}, [
    ...listReplaced(text, path, value),
    ...listEdited(text, path, edit),
  ]);
}

/** Renames a field of a map, which keeps its place, its value and its comments. */
export function renameYamlKey(text: string, path: Path, name: string): string {
  const { value: job, findings } = readYaml(text);
  const map = path.slice(0, -1);
  if (findings.length || !hasField(job, path) || hasField(job, [...map, name])) return text;
  const edit = (document: Document): void => {
    const pair = findPair(findNode(document, map), path.at(-1)!);
    if (isScalar(pair?.key)) pair.key.value = name;
  };
  return chooseText(text, renameField(job, path, name), listEdited(text, map, edit));
}

/** Makes an edited text; undefined if it cannot be made this way. */
type Attempt = () => string | undefined;

/** Returns the first text that is read as the job is expected to be; the text as it is if none is. */
function chooseText(text: string, expected: unknown, attempts: readonly Attempt[]): string {
  const wanted = JSON.stringify(expected);
  for (const attempt of attempts) {
    const edited = tryAttempt(attempt);
    if (edited === undefined) continue;
    const { value, findings } = readYaml(edited);
    if (!findings.length && JSON.stringify(value) === wanted) return edited;
  }
  return text;
}

/** An anchor that an edit removes makes the document fail when it is written. The next attempt writes aliases out. */
function tryAttempt(attempt: Attempt): string | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}

/** Replaces the characters of a plain value, so that the rest of the text keeps its form. */
function listReplaced(text: string, path: Path, value: unknown): Attempt[] {
  if (value === undefined || (typeof value === 'object' && value !== null)) return [];
  const replace = (written: string, isQuoted: boolean): string | undefined => {
    const node = findNode(parseDocument(text, { uniqueKeys: false }), path);
    if (!isScalar(node) || !node.range || node.anchor) return undefined;
    const [from, to] = node.range;
    if (from === to || (isQuoted && node.type !== 'QUOTE_DOUBLE')) return undefined;
    return `${text.slice(0, from)}${written}${text.slice(to)}`;
  };
  return [
    () => (typeof value === 'string' ? replace(JSON.stringify(value), true) : undefined),
    () => replace(stringify(value, { lineWidth: 0 }).trimEnd(), false),
  ];
}

/** Edits the document: first as it is, then with the aliases on the path written out, then with all of them. */
function listEdited(text: string, path: Path, edit: (document: Document) => void): Attempt[] {
  return [() => {}, (document: Document) => writeOutPath(document, path), writeOutAliases].map((prepare) => () => {
    const document = parseDocument(text, { uniqueKeys: false });
    prepare(document);
    edit(document);
    return document.toString({ lineWidth: 0 });
  });
}

function writeOutPath(document: Document, path: Path): void {
  for (let i = 1; i <= path.length; i++) {
    const node = findNode(document, path.slice(0, i));
    if (isAlias(node)) document.setIn(resolveKeys(document, path.slice(0, i)), copySource(document, node));
  }
}

function writeOutAliases(document: Document): void {
  visit(document, { Alias: (_, alias) => copySource(document, alias) });
  visit(document, { Value: (_, node) => void delete node.anchor });
}

/** Returns the value that an alias stands for, without the names of its parts. */
function copySource(document: Document, alias: Alias): Node {
  const copy = alias.resolve(document)!.clone() as Node;
  const removeAnchor = (_: unknown, node: { anchor?: string | undefined }): void => void delete node.anchor;
  visit(copy, { Value: removeAnchor });
  return copy;
}

function setValue(document: Document, path: Path, value: unknown): void {
  createParents(document, path);
  const isScalarValue = typeof value !== 'object' || value === null;
  document.setIn(resolveKeys(document, path), isScalarValue ? value : document.createNode(value));
}

/** A field without a value, such as `space:`, becomes a map or a list. */
function createParents(document: Document, path: Path): void {
  for (let i = 0; i < path.length; i++) {
    const at = path.slice(0, i);
    const found = findNode(document, at);
    const isList = typeof path[i] === 'number';
    if (isList ? isSeq(found) : isMap(found)) continue;
    const parent = document.createNode(isList ? [] : {});
    if (isNode(found)) copyComments(found, parent);
    if (i === 0) document.contents = parent;
    else document.setIn(resolveKeys(document, at), parent);
  }
}

function copyComments({ comment, commentBefore }: Node, to: Node): void {
  // A comment after the value would follow the map, so it goes in front of what is in it.
  const texts = [commentBefore, comment].filter((one) => typeof one === 'string');
  if (texts.length) to.commentBefore = texts.join('\n');
}

function removeValue(document: Document, path: Path): void {
  document.deleteIn(resolveKeys(document, path));
  for (let i = path.length - 1; i > 0; i--) {
    const parent = findNode(document, path.slice(0, i));
    // Items of lists are removed by their own button.
    if (!isMap(parent) || parent.items.length > 0 || typeof path[i - 1] === 'number') return;
    document.deleteIn(resolveKeys(document, path.slice(0, i)));
  }
}

/** Returns the node at a path, which may be an alias; undefined without one. */
function findNode(document: Document, path: Path): unknown {
  let node: unknown = document.contents;
  for (const part of path) node = isSeq(node) ? node.items[Number(part)] : findPair(node, part)?.value;
  return node;
}

/** Returns the path with the keys of the document: a name such as `1` can be a number there. */
function resolveKeys(document: Document, path: Path): unknown[] {
  return path.map((part, i) => {
    const key = findPair(findNode(document, path.slice(0, i)), part)?.key;
    return isScalar(key) ? key.value : part;
  });
}
