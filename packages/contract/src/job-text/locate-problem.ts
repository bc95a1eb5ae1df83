import { type Problem } from '@gradsmith/core/domain';
import { type Document, isNode, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { findPair } from './find-pair.ts';
import type { Finding } from './finding.ts';

/** Finds the characters of the value at a problem's path, or of the nearest part above it that exists. */
export function locateProblem(document: Document, text: string, { path, message }: Problem): Finding {
  let node: unknown = document.contents;
  let range: readonly [number, number] | null = null;
  for (const part of path) {
    const pair = findPair(node, part);
    const value: unknown = pair ? pair.value : readItem(node, part);
    if (!pair && value === undefined) break;
    const shown = chooseShown(pair, value);
    if (shown?.range) range = [shown.range[0], shown.range[1]];
    node = value;
  }
  const [from, to] = range ?? [0, Math.max(0, text.indexOf('\n'))];
  return { message, place: formatPlace(path), path, from, to: Math.max(to, from) };
}

function readItem(node: unknown, part: string | number): unknown {
  return isSeq(node) ? node.items[Number(part)] : undefined;
}

/** A scalar or a list item is shown itself, another field by its key: a map has too many lines to show. */
function chooseShown(pair: Pair | undefined, value: unknown): Node | undefined {
  if (isNode(value) && value.range && (isScalar(value) || !pair)) return value;
  if (pair && isNode(pair.key)) return pair.key;
  return isNode(value) ? value : undefined;
}

function formatPlace(path: Problem['path']): string {
  return path.map((part, i) => (/^\d+$/.test(String(part)) ? `[${part}]` : `${i ? '.' : ''}${part}`)).join('');
}
