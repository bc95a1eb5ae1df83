import { describeType, fitsSchema, jobJsonSchema, type Schema } from './job-json-schema.ts';

/** Something that can be written at a place of a job. */
export interface Suggestion {
  readonly text: string;
  readonly detail: string;
  readonly description: string;
  readonly isRequired: boolean;
}

export type Path = readonly (string | number)[];

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
  let schemas = listAlternatives(jobJsonSchema, job);
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
  const fitting = alternatives.filter((part) => fitsSchema(part, value));
  return fitting.length ? fitting : alternatives;
}

function readPath(value: unknown, path: Path): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as Readonly<Record<string | number, unknown>>)[part];
  }
  return found;
}
