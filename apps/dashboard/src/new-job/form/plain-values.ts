import { readYaml } from '@gradsmith/contract/job-text';
import type { Schema } from '../job-json-schema.ts';

/**
 * Writes a plain value, or a list of plain values, as the text of a field. `parsePlain` reads the same value again: a
 * text that would be read as something else, such as `"0.1"`, has quotes as in YAML.
 */
export function formatPlain(value: unknown, schema: Schema): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return formatList(value, isTextSchema(schema.items ?? {}));
  if (schema.type === 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return formatItem(value, false);
}

/** Reads the text of a field; undefined for an empty one. What is not of the type stays text, and is found faulty. */
export function parsePlain(text: string, { type, items }: Schema): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (type === 'array') return readList(trimmed, isTextSchema(items ?? {}));
  return type === 'string' ? text : readItem(trimmed, false);
}

/** Whether every valid value is text, which then needs no quotes. */
function isTextSchema({ type, enum: values }: Schema): boolean {
  return type === 'string' || (values?.every((value) => typeof value === 'string') ?? false);
}

/** Brackets are around an empty list and around a list in a list, because `[1]` alone is read as a list of one item. */
function formatList(list: readonly unknown[], isText: boolean): string {
  const items = list.map((item) => formatItem(item, isText)).join(', ');
  return list.length === 0 || (list.length === 1 && Array.isArray(list[0])) ? `[${items}]` : items;
}

function readList(text: string, isText: boolean): unknown[] {
  const items = splitItems(text)
    .filter((item) => item !== '')
    .map((item) => readItem(item, isText));
  return items.length === 1 && Array.isArray(items[0]) ? (items[0] as unknown[]) : items;
}

/** Text in which YAML says more than the plain text does: quotes, a list, a map or a tag. */
const MARKED = /^(?:["'[{]|!!)/;

function formatItem(value: unknown, isText: boolean): string {
  if (typeof value === 'string') return isPlainText(value, isText) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  const written = Object.is(value, -0) ? '-0' : String(value);
  return isText ? `${chooseTag(value, written)} ${written}` : written;
}

/** Among texts, something else is marked with its type, or it would be read as text. */
function chooseTag(value: unknown, written: string): string {
  if (value === null) return '!!null';
  if (typeof value === 'boolean') return '!!bool';
  return /^-?\d+$/.test(written) ? '!!int' : '!!float';
}

function isPlainText(text: string, isText: boolean): boolean {
  if (text === '' || text !== text.trim() || /[\n\r]/.test(text) || readItem(text, isText) !== text) return false;
  return splitItems(`a,${text},a`)[1] === text && splitItems(`a,${text},a`).length === 3;
}

/** Reads a plain text as itself, and what is no text as YAML does. */
function readItem(item: string, isText: boolean): unknown {
  const isMarked = MARKED.test(item);
  if (isText && !isMarked) return item;
  const { value, findings } = readYaml(item);
  if (findings.length) return item;
  return isMarked || value === null || typeof value === 'number' || typeof value === 'boolean' ? value : item;
}

/** Splits at commas that are not in quotes and not in brackets; those of a function call belong to the item. */
function splitItems(text: string): string[] {
  const items: string[] = [];
  let [start, depth] = [0, 0];
  // Quotes have a meaning only where a value starts: `don't` has none.
  let [quote, isStart] = ['', true];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== '') {
      if ((quote === '"' && char === '\\') || (quote === "'" && text.startsWith("''", i))) i++;
      else if (char === quote) quote = '';
    } else if (isStart && (char === '"' || char === "'")) [quote, isStart] = [char, false];
    else {
      if ('([{'.includes(char)) depth++;
      else if (')]}'.includes(char)) depth = Math.max(0, depth - 1);
      else if (char === ',' && depth === 0) {
        items.push(text.slice(start, i).trim());
        start = i + 1;
      }
      const opens = ',[{'.includes(char) || (char === ':' && depth > 0);
      isStart = opens || (isStart && /\s/.test(char));
    }
  }
  return [...items, text.slice(start).trim()];
}
