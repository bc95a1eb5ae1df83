import type { z } from 'zod';

type Schema = z.core.$ZodType;
/** What zod keeps of a schema, as far as it is read here. */
export type Definition = z.core.$ZodTypeDef & {
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly out?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly options?: readonly Schema[];
  readonly discriminator?: string;
  readonly element?: Schema;
  readonly items?: readonly Schema[];
  readonly keyType?: Schema;
  readonly valueType?: Schema;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly format?: string;
};

export function readDefinition(schema: Schema): Definition {
  return schema._zod.def as Definition;
}

/**
 * Finds the schemas that describe the place at a path. There are several if a union has several members for the input:
 * of a union with a discriminator, the one that the input names; of another union, those of the input's type.
 */
export function findSchemas(schema: Schema, path: readonly PropertyKey[], input: unknown): Schema[] {
  let found = [schema];
  let value = input;
  for (const part of path) {
    const at = value;
    found = found.flatMap((each) => listMembers(each, at).flatMap((member) => readChild(member, part)));
    value = isMap(value) || Array.isArray(value) ? Reflect.get(value, part) : undefined;
  }
  return [...new Set(found.map(unwrap))];
}

/** Returns the schema without what only adds defaults, makes it optional or changes the text before or after it. */
export function unwrap(schema: Schema): Schema {
  const { innerType, in: before, out: after } = readDefinition(schema);
  const inner = innerType ?? (before && readDefinition(before).type === 'transform' ? after : before);
  return inner ? unwrap(inner) : schema;
}

/** Returns the members of a union that the value can belong to, or the schema itself. */
export function listMembers(given: Schema, value: unknown): Schema[] {
  const schema = unwrap(given);
  const { options, discriminator } = readDefinition(schema);
  if (!options) return [schema];
  const members = options.flatMap((option) => listMembers(option, value));
  const fitting = members.filter((member) =>
    discriminator === undefined
      ? fitsType(member, value)
      : isMap(value) && member._zod.propValues?.[discriminator]?.has(value[discriminator] as z.core.util.Primitive),
  );
  return fitting.length ? fitting : members;
}

function readChild(schema: Schema, part: PropertyKey): Schema[] {
  const { shape, element, items, valueType } = readDefinition(schema);
  if (shape) return Object.hasOwn(shape, part) ? [shape[String(part)]!] : [];
  const child = element ?? items?.[Number(part)] ?? valueType;
  return child ? [child] : [];
}

function fitsType(schema: Schema, value: unknown): boolean {
  const { type } = readDefinition(schema);
  if (Array.isArray(value)) return type === 'array' || type === 'tuple';
  if (isMap(value)) return type === 'object' || type === 'record';
  return type === typeof value || type === 'enum' || type === 'literal';
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
