import type { Schema } from '../job-json-schema.ts';

/** Writes a plain value, or a list of plain values, as the text of a field. */
export function formatPlain(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(formatPlain).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Reads the text of a field; undefined for an empty one. What is not of the type stays text, and is found faulty. */
export function parsePlain(text: string, { type, items, properties }: Schema): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (type === 'array') {
    // A comma within a function call belongs to the item.
    const parts = trimmed.split(/,(?![^(]*\))/).map((part) => parsePlain(part.trim(), items ?? {}));
    return parts.filter((part) => part !== undefined);
  }
  if (type === 'string') return text;
  if (type !== 'number' && type !== 'integer' && properties === undefined) {
    if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
    if (/^[{[]/.test(trimmed)) return parseJson(trimmed);
  }
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : trimmed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
