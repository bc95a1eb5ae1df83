import { type Problem } from '@gradsmith/core/domain';
import {
  type Document,
  isNode,
  isScalar,
  type Node,
  Parser,
  Lexer,
  parseDocument,
  visit,
  type YAMLError,
  YAMLParseError,
} from 'yaml';
import type { Finding } from './finding.ts';
import { locateProblem } from './locate-problem.ts';

/** Far more levels than any job needs, and far fewer than what exhausts the stack of the parser. */
const MAX_DEPTH = 64;
/** Bound of the `yaml` package on the work that repeated aliases cause. */
const MAX_ALIASES = 100;

export interface YamlText {
  readonly document: Document;
  /** The text as data that JSON can hold; null if there are findings. */
  readonly value: unknown;
  readonly findings: readonly Finding[];
}

/**
 * Reads one YAML document, and so JSON too. Findings are the reasons why it cannot be read: syntax, depth, aliases, and
 * values that JSON does not have.
 */
export function readYaml(text: string): YamlText {
  const tooDeep = findTooDeep(text);
  if (tooDeep) return { document: parseDocument(''), value: null, findings: [tooDeep] };
  // The parser would compare each key of a map with all others.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  const faults = [...document.errors, ...document.warnings, ...findRepeatedKeys(document)];
  if (faults.length) return { document, value: null, findings: [describeFirst(faults)] };
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    const problem = findNonJson(value, [], []);
    if (!problem) return { document, value, findings: [] };
    return { document, value: null, findings: [locateProblem(document, text, problem)] };
  } catch (error) {
    return { document, value: null, findings: [locateAlias(document, error as Error)] };
  }
}

/** The parser calls itself once per level, so the depth is measured before it runs. */
function findTooDeep(text: string): Finding | null {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    const start = parser.offset;
    for (const _ of parser.next(lexeme));
    // The stack also holds the document.
    if (parser.stack.length > MAX_DEPTH + 1)
      return describeText(`cannot be read: it is nested more than ${MAX_DEPTH} levels deep`, start, start + 1);
  }
  return null;
}

/** What the parser's commonest errors mean for a user. The others keep the parser's words. */
const meanings: { readonly [code in YAMLError['code']]?: string } = {
  MULTIPLE_DOCS: 'it holds several documents; keep one and remove the line ---',
  DUPLICATE_KEY: 'this name stands twice; names must be unique',
  BLOCK_IN_FLOW: 'a comma, or a closing } or ], is missing before this',
  BLOCK_AS_IMPLICIT_KEY: 'a line may have one "name: value"; start a new line, or write { name: value }',
  MULTILINE_IMPLICIT_KEY: 'this line and the next belong together only in quotes, or a colon is missing',
};
const UNCLOSED = /^Flow (?:map|sequence) in block collection .* end with a (.)$/;

/** Returns the first error of a text, and how many follow: one missing bracket causes several. */
function describeFirst(faults: readonly YAMLError[]): Finding {
  const [first, ...others] = faults.toSorted((a, b) => a.pos[0] - b.pos[0]);
  const { code, message, pos } = first!;
  const unclosed = UNCLOSED.exec(message)?.[1];
  const what = unclosed ? `a closing ${unclosed} is missing before this` : (meanings[code] ?? message);
  const more = others.length === 1 ? '1 more error follows' : `${others.length} more errors follow`;
  return describeText(`cannot be read: ${what}${others.length ? ` (${more})` : ''}`, pos[0], pos[1]);
}

function findRepeatedKeys(document: Document): YAMLParseError[] {
  const repeated: YAMLParseError[] = [];
  visit(document, {
    Map(_, { items }) {
      const names = new Set<string>();
      for (const { key } of items) {
        const name = String(isScalar(key) ? key.value : key);
        const [from, to] = (isNode(key) && key.range) || [0, 0];
        if (names.has(name)) repeated.push(new YAMLParseError([from, to], 'DUPLICATE_KEY', 'Map keys must be unique'));
        names.add(name);
      }
    },
  });
  return repeated;
}

/** Only aliases and the merge keys of YAML 1.1 can fail after a text was parsed. */
function locateAlias(document: Document, { message }: Error): Finding {
  let node: Node | null = document.contents;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) && !message.startsWith('Excessive')) return undefined;
      node = alias;
      return visit.BREAK;
    },
  });
  const what = message.startsWith('Excessive')
    ? `its aliases (*name) repeat more than ${MAX_ALIASES} values; write the values out`
    : message;
  const [from, to] = (node as Node | null)?.range ?? [0, 0];
  return describeText(`cannot be read: ${what}`, from, to);
}

/** YAML has NaN, infinities, dates, bytes and lists that contain themselves. JSON has none of them. */
function findNonJson(value: unknown, path: Problem['path'], parents: readonly object[]): Problem | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : { path, message: 'must be a finite number' };
  if (typeof value !== 'object' || value === null) return null;
  if (parents.includes(value)) return { path, message: 'contains itself through an alias; write the value out' };
  const isList = Array.isArray(value);
  if (!isList && Object.getPrototypeOf(value) !== Object.prototype)
    return { path, message: 'must be text, a number, true, false, null, a list or a map; remove its tag' };
  for (const [key, inner] of Object.entries(value)) {
    // Schemas drop this name without a word.
    if (key === '__proto__') return { path: [...path, key], message: 'is not allowed as a name' };
    const found = findNonJson(inner, [...path, isList ? Number(key) : key], [...parents, value]);
    if (found) return found;
  }
  return null;
}

function describeText(message: string, from: number, to: number): Finding {
  return { message, place: '', path: [], from, to };
}
