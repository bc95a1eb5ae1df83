import { jobSchema } from '@gradsmith/core/spec';
import { z } from 'zod';

/** The parts of a JSON schema that the editor uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Something that can be written at a place of a job. */
export interface Suggestion {
  readonly text: string;
  readonly detail: string;
  readonly description: string;
  readonly isRequired: boolean;
}

export type Path = readonly (string | number)[];

const root = z.toJSONSchema(jobSchema, { io: 'input', unrepresentable: 'any' }) as Schema;

/**
 * Lists the names that a map of a job may have and does not have yet.
 *
 * @param job the job as far as it can be read
 */
export function suggestNames(job: unknown, path: Path): Suggestion[] {
  const value = readPath(job, path);
  const present = typeof value === 'object' && value !== null ? value : {};
  const found = new Map<string, Suggestion>();
  for (const schema of findSchemas(job, path)) {
    for (const [text, field] of Object.entries(schema.properties ?? {})) {
      if (Object.hasOwn(present, text) || found.has(text)) continue;
      found.set(text, {
        text,
        detail: describeType(field),
        description: field.description ?? '',
        isRequired: schema.required?.includes(text) ?? false,
      });
    }
  }
  return [...found.values()].toSorted((a, b) => Number(b.isRequired) - Number(a.isRequired));
}

/**
 * Lists the values that a field of a job may have, if there are only some.
 *
 * @param job the job without this field, whose value would decide which alternatives there are
 */
export function suggestValues(job: unknown, path: Path): Suggestion[] {
  const values = findSchemas(job, path).flatMap((schema) => {
    if (schema.type === 'boolean') return [true, false].map((value) => ({ value, description: schema.description }));
    const { enum: some = schema.const === undefined ? [] : [schema.const], description } = schema;
    return some.map((value) => ({ value, description }));
  });
  const texts = new Map(values.map(({ value, description }) => [String(value), description ?? '']));
  return [...texts].map(([text, description]) => ({ text, detail: '', description, isRequired: false }));
}

/** Says what a field is for, in a few lines; null for a place that is not a field. */
export function describeField(job: unknown, path: Path): { readonly title: string; readonly text: string } | null {
  const name = path.at(-1);
  const fields = findSchemas(job, path.slice(0, -1)).flatMap((schema) => readField(schema, name));
  const field = fields.find(({ description }) => description) ?? fields[0];
  if (!field || typeof name !== 'string') return null;
  return { title: `${name}: ${describeType(field)}`, text: field.description ?? '' };
}

function readField({ properties, additionalProperties, items }: Schema, name: string | number | undefined): Schema[] {
  if (typeof name !== 'string') return items ? [items] : [];
  if (properties && Object.hasOwn(properties, name)) return [properties[name]!];
  return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}

/** Returns the schemas that apply at a path, without alternatives that contradict what the job has. */
function findSchemas(job: unknown, path: Path): Schema[] {
  let schemas = listAlternatives(root, job);
  path.forEach((part, i) => {
    const value = readPath(job, path.slice(0, i + 1));
    schemas = schemas.flatMap((schema) => readField(schema, part)).flatMap((schema) => listAlternatives(schema, value));
  });
  return schemas;
}

/** Resolves alternatives: those whose constants contradict the value are left out, unless all do. */
function listAlternatives(schema: Schema, value: unknown): Schema[] {
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (!parts.length) return [schema];
  const alternatives = parts.flatMap((part) => listAlternatives(part, value));
  const fitting = alternatives.filter((part) => fits(part, value));
  return fitting.length ? fitting : alternatives;
}

function fits({ properties, type }: Schema, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return type !== 'object' && type !== 'array';
  if (Array.isArray(value)) return type === undefined || type === 'array';
  if (type !== undefined && type !== 'object') return false;
  return Object.entries(properties ?? {}).every(([name, field]) => {
    const found = (value as Readonly<Record<string, unknown>>)[name];
    return field.const === undefined || found === undefined || found === null || found === field.const;
  });
}

function readPath(value: unknown, path: Path): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as Readonly<Record<string | number, unknown>>)[part];
  }
  return found;
}

/** Returns `int, 1 to 100, default 8`. */
function describeType(schema: Schema): string {
  const { type, enum: values, const: only, minimum, maximum, default: usual } = schema;
  const parts: string[] = [];
  const named = values ?? (only === undefined ? null : [only]);
  if (named) parts.push(named.join(' | '));
  else if (type) parts.push(type === 'integer' ? 'whole number' : type);
  if (minimum !== undefined && maximum !== undefined && maximum < 1e15) parts.push(`${minimum} to ${maximum}`);
  else if (minimum !== undefined && minimum > -1e15) parts.push(`at least ${minimum}`);
  if (usual !== undefined && typeof usual !== 'object') parts.push(`default ${String(usual)}`);
  return parts.join(', ');
}
