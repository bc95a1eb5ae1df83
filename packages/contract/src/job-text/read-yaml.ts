import { type Problem } from '@gradsmith/core/domain';
import { type Document, type Node, Parser, Lexer, parseDocument, visit, type YAMLError } from 'yaml';
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
  const document = parseDocument(text, { prettyErrors: false });
  const faults = [...document.errors, ...document.warnings].map(toFinding);
  if (faults.length) return { document, value: null, findings: faults };
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

function toFinding({ code, message, pos: [from, to] }: YAMLError): Finding {
  if (code === 'MULTIPLE_DOCS')
    return describeText('cannot be read: it holds several documents; keep one and remove the line ---', from, to);
  return describeText(`cannot be read: ${message}`, from, to);
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
