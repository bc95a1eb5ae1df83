import { suggestName } from '@gradsmith/core/domain';
import { z } from 'zod';

/**
 * `fields=` of an answer: names of its fields, or `FIELD.PART` for one part of a field that is an object or a list of
 * objects. The answer has only what is named, in its own order.
 */

/** Longest value of `fields`, characters. */
const MAX_LENGTH = 1_000;
/** Fields that a description or a message lists by name, at most. */
const MAX_LISTED = 40;

/** A field of `T`, or a part of one of its fields. */
export type FieldName<T> = (keyof T & string) | `${keyof T & string}.${string}`;
/** What an answer has of `T` if only the fields `F` are asked for. */
export type Selected<T, F extends string> = {
  [K in keyof T as K extends F | HeadOf<F> ? K : never]: K extends F ? T[K] : PartsOf<T[K], PartNames<K, F>>;
};
type PartNames<K, F extends string> = F extends `${K & string}.${infer Part}` ? Part : never;
type PartsOf<V, P> = V extends readonly (infer Item)[] ? Pick<Item, P & keyof Item>[] : Partial<V>;
type HeadOf<F extends string> = F extends `${infer Head}.${string}` ? Head : never;

/** Creates the query parameter that chooses among the fields of `schema`. Unknown names are refused. */
export function createFieldsParameter(schema: z.ZodObject, example: string): z.ZodOptional<z.ZodString> {
  const check = (text: string, context: z.RefinementCtx): void => {
    const names = text.split(',');
    for (const [i, name] of names.entries()) {
      const message = names.indexOf(name) < i ? `must not name ${name} twice` : describeUnknown(schema, name);
      if (message) return void context.addIssue({ code: 'custom', message });
    }
  };
  return z
    .string()
    .max(MAX_LENGTH)
    .superRefine(check)
    .optional()
    .describe(
      `Only these fields, separated by commas, such as ${example}. A dot names a part of a field that is an object, ` +
        'or of the objects of a list. ' +
        'By default all: then the answer has every required field of the whole schema',
    );
}

/** Returns what is wrong with the name of a field; undefined if there is such a field. */
function describeUnknown(schema: z.ZodObject, name: string): string | undefined {
  const [field, ...rest] = name.split('.');
  const { shape } = schema;
  if (!Object.hasOwn(shape, field!)) return describeUnknownName(name, field!, Object.keys(shape));
  if (!rest.length) return undefined;
  const part = rest.join('.');
  const inner = unwrapItem(shape[field!]!);
  if (inner instanceof z.ZodRecord)
    return part === '' ? `must name a part of ${field} after the dot; use ${field} for all of it` : undefined;
  if (!(inner instanceof z.ZodObject)) return `must not name parts of ${field}; use ${field} for all of it`;
  if (Object.hasOwn(inner.shape, part)) return undefined;
  const prefix = `${field}.`;
  const known = Object.keys(inner.shape).map((each) => `${prefix}${each}`);
  return describeUnknownName(name, name, known);
}

function describeUnknownName(given: string, compared: string, known: readonly string[]): string {
  const shown = JSON.stringify(given.slice(0, 64));
  const meant = suggestName(compared, known);
  if (meant !== undefined) return `must be names of fields, not ${shown}. Did you mean ${meant}?`;
  return `must be names of fields, not ${shown}; the fields are ${known.slice(0, MAX_LISTED).join(', ')}`;
}

/** Creates the schema of an answer that has some of the fields: all are optional, and so are the parts of objects. */
export function createSelectionSchema<S extends z.ZodObject>(schema: S): z.ZodType<Selection<z.infer<S>>> {
  const partial = Object.fromEntries(
    Object.entries(schema.shape).map(([name, field]) => [name, createPart(field as z.ZodType).optional()]),
  );
  return z
    .strictObject(partial)
    .describe(
      'What an answer has if the request names its `fields`: only these. Without it, the answer is whole',
    ) as unknown as z.ZodType<Selection<z.infer<S>>>;
}

export type Selection<T> = { [K in keyof T]?: T[K] | SomeParts<T[K]> };
type SomeParts<V> = V extends readonly (infer Item)[] ? Partial<Item>[] : Partial<V>;

function createPart(field: z.ZodType): z.ZodType {
  const inner = unwrapItem(field);
  if (!(inner instanceof z.ZodObject)) return field;
  const parts = Object.fromEntries(
    Object.entries(inner.shape).map(([name, part]) => [name, (part as z.ZodType).optional()]),
  );
  const object = z.strictObject(parts);
  const shown = unwrap(field) instanceof z.ZodArray ? z.array(object) : object;
  const part = isNullable(field) ? shown.nullable() : shown;
  return part.describe(field.description ?? inner.description ?? '');
}

/** Returns the schema of what has parts: of the items of a list, or of the field itself. */
function unwrapItem(schema: z.core.$ZodType): z.core.$ZodType {
  const inner = unwrap(schema);
  return inner instanceof z.ZodArray ? unwrap(inner.element) : inner;
}

/** Returns the schema without what makes it optional or nullable, or adds a default. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return isWrapper ? unwrap(schema.def.innerType) : schema;
}

function isNullable(schema: z.ZodType): boolean {
  return schema.safeParse(null).success;
}

/** Returns the names in the query parameter; undefined: all fields. */
export function listFields(parameter: string | undefined): string[] | undefined {
  return parameter?.split(',');
}

/** Returns the item with only these fields, in its own order; the item itself without any. */
export function selectFields<T extends object>(item: T, fields: readonly string[] | undefined): T | Selection<T> {
  if (fields === undefined) return item;
  const show = createSelector<T>(Object.keys(item) as (keyof T & string)[], fields, (name) => (given) => given[name]);
  return show(item);
}

/**
 * Returns a function that shows an item with only these fields. What is not shown is not computed, because a list may
 * have very many items.
 *
 * @param names every field of what is shown, in its order
 * @param fields names of the parameter; undefined: all
 * @param getView how a field is shown
 */
export function createSelector<T extends object, From = T>(
  names: readonly (keyof T & string)[],
  fields: readonly string[] | undefined,
  getView: (name: keyof T & string) => (item: From) => unknown,
): (item: From) => Selection<T> {
  const views = names.flatMap((name) => {
    const view = getView(name);
    if (!fields || fields.includes(name)) return [{ name, view }];
    const parts = fields.flatMap((field) => (field.startsWith(`${name}.`) ? [field.slice(name.length + 1)] : []));
    return parts.length ? [{ name, view: (item: From) => selectParts(view(item), parts) }] : [];
  });
  return (item) => {
    const shown: Record<string, unknown> = {};
    for (const { name, view } of views) shown[name] = view(item);
    return shown as Selection<T>;
  };
}

/** A value that is null, such as the best trial of a new job, has no parts. */
function selectParts(value: unknown, parts: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => selectParts(item, parts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => parts.includes(name)));
}
