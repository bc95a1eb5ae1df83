import { describeType, fitsSchema, type Schema } from '../job-json-schema.ts';

/** One of the alternatives for a value. */
export interface Option {
  /** The constant that tells it from the others, or its type. */
  readonly label: string;
  readonly schema: Schema;
}

const SCALARS = new Set(['string', 'number', 'integer', 'boolean']);

/** Lists the alternatives of a schema. Plain values are one alternative, because one field takes them all. */
export function listOptions(schema: Schema): Option[] {
  const parts = flatten(schema);
  const plain = parts.filter(isScalarSchema);
  const others = parts.filter((part) => !isScalarSchema(part));
  const options = others.map((part) => ({ label: nameOption(part), schema: part }));
  if (!plain.length) return options;
  return [...options, { label: describePlain(plain), schema: mergePlain(plain) }];
}

/** Returns the alternative that a value is written as; null if it has none yet. */
export function findOption(options: readonly Option[], value: unknown): Option | null {
  if (options.length === 1) return options[0]!;
  if (value === undefined || value === null) return null;
  return options.find(({ schema }) => matches(schema, value)) ?? null;
}

/** Makes the value that an alternative starts with: its constants, and what the value before shares with it. */
export function createValue(schema: Schema, before?: unknown): unknown {
  const [first] = listOptions(schema);
  const { type, const: only, properties = {} } = first?.schema ?? schema;
  if (only !== undefined) return only;
  if (type === 'array') return [];
  if (type !== 'object') return first?.schema.enum?.[0] ?? '';
  const known = isRecord(before) ? before : {};
  const entries = Object.entries(properties).flatMap(([name, field]): [string, unknown][] => {
    if (field.const !== undefined) return [[name, field.const]];
    return Object.hasOwn(known, name) && fitsSchema(field, known[name]) ? [[name, known[name]]] : [];
  });
  return Object.fromEntries(entries);
}

export function isScalarSchema({ type, enum: values, const: only }: Schema): boolean {
  return values !== undefined || only !== undefined || (type !== undefined && SCALARS.has(type));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function flatten(schema: Schema): Schema[] {
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return parts.length ? parts.flatMap(flatten) : [schema];
}

function nameOption(schema: Schema): string {
  const constant = Object.values(schema.properties ?? {}).find((field) => field.const !== undefined);
  if (constant) return String(constant.const);
  return schema.type === 'array' ? 'a list' : 'fields';
}

function describePlain(parts: readonly Schema[]): string {
  return parts.length === 1 ? describeType(parts[0]!) || 'a value' : 'a value';
}

/** Several plain schemas as one: named values if there are only such, otherwise any plain value. */
function mergePlain(parts: readonly Schema[]): Schema {
  if (parts.length === 1) return parts[0]!;
  const named = parts.map(({ enum: values, const: only }) => values ?? (only === undefined ? null : [only]));
  if (named.every((values) => values !== null)) return { enum: named.flat() };
  return {};
}

function matches(schema: Schema, value: unknown): boolean {
  if (typeof value !== 'object') return schema.type !== 'object' && schema.type !== 'array';
  if (Array.isArray(value)) return schema.type === 'array';
  if (schema.type !== 'object' || !isRecord(value)) return false;
  // Without its constant, a value could be any of the alternatives.
  return Object.entries(schema.properties ?? {}).every(
    ([name, field]) => field.const === undefined || value[name] === field.const,
  );
}

/** Whether one input holds the value: plain values, lists of them, and anything. */
export function isPlain(schema: Schema): boolean {
  if (isScalarSchema(schema)) return true;
  if (schema.type === 'array') return listOptions(schema.items ?? {}).every((option) => isPlain(option.schema));
  return schema.type === undefined && !schema.anyOf && !schema.oneOf && !schema.properties;
}
