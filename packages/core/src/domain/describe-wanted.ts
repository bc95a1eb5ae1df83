import type { z } from 'zod';
import { listMembers, readDefinition, unwrap } from './find-schemas.ts';
import { shortenText } from './limit-problems.ts';

type Schema = z.core.$ZodType;

/** Names and values that a message lists. */
const MAX_LISTED = 30;
/** Characters of a given value that a message repeats. */
const MAX_VALUE = 60;

/** Describes what the schemas accept, as the documentation does: `a whole number from 1 to 20`. */
export function describeWanted(schemas: readonly Schema[]): string {
  const texts = schemas.flatMap((schema) => describeEach(schema));
  return [...new Set(texts)].join(', or ') || 'another value';
}

/** Returns the values that the schemas list, for enums and literals. */
export function listValues(schemas: readonly Schema[]): string[] {
  return schemas.flatMap((schema) => {
    const { entries, values } = readDefinition(unwrap(schema));
    return (entries ? Object.values(entries) : (values ?? [])).map(String);
  });
}

/** Returns `a`, or `one of a, b, c`. */
export function describeChoice(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED);
  const more = names.length > shown.length ? `, and ${names.length - shown.length} more` : '';
  return names.length === 1 ? names[0]! : `one of ${shown.join(', ')}${more}`;
}

/** Describes a value that was given, in the words of the documentation. */
export function describeGiven(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map of fields';
  if (typeof value === 'string') return JSON.stringify(shortenText(value, MAX_VALUE));
  return String(value);
}

function describeEach(given: Schema): string[] {
  const schema = unwrap(given);
  const { type, discriminator, format } = readDefinition(schema);
  const range = readRange(schema);
  switch (type) {
    case 'number':
      return [`${format === 'safeint' ? 'a whole number' : 'a number'}${describeRange(range)}`];
    case 'string':
      return [`text${describeCount(range, 'characters')}`];
    case 'boolean':
      return ['true or false'];
    case 'array':
    case 'tuple':
      return [`a list${describeCount(range, 'items')}`];
    case 'object':
    case 'record':
      return ['a map of fields'];
    case 'enum':
    case 'literal':
      return [describeChoice(listValues([schema]))];
    case 'union':
      if (discriminator === undefined) return listMembers(schema, undefined).flatMap((member) => describeEach(member));
      return [`a map with ${discriminator}: ${describeChoice(listDiscriminators(schema))}`];
    default:
      return [];
  }
}

/** Returns the values by which a union with a discriminator, or one within a union, tells its members. */
export function listDiscriminators(given: Schema): string[] {
  const schema = unwrap(given);
  const { options = [], discriminator } = readDefinition(schema);
  if (discriminator === undefined) return options.flatMap((option) => listDiscriminators(option));
  const values = listMembers(schema, undefined).flatMap((member) => [
    ...(member._zod.propValues?.[discriminator] ?? []),
  ]);
  // A member whose discriminator may be left out has undefined, too.
  return values.filter((value) => value !== undefined).map(String);
}

interface Range {
  readonly low?: { readonly value: number; readonly inclusive: boolean };
  readonly high?: { readonly value: number; readonly inclusive: boolean };
}

/** Reads the bounds of a number, a text or a list. */
function readRange(schema: Schema): Range {
  let range: Range = {};
  for (const check of readDefinition(schema).checks ?? []) {
    const { check: kind, value, inclusive = true, minimum, maximum } = check._zod.def as CheckDefinition;
    if (kind === 'greater_than') range = { ...range, low: { value: value!, inclusive } };
    if (kind === 'less_than') range = { ...range, high: { value: value!, inclusive } };
    if (kind === 'min_length') range = { ...range, low: { value: minimum!, inclusive } };
    if (kind === 'max_length') range = { ...range, high: { value: maximum!, inclusive } };
  }
  return range;
}

interface CheckDefinition {
  readonly check: string;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

function describeRange({ low, high }: Range): string {
  if (low?.inclusive && high?.inclusive) return ` from ${low.value} to ${high.value}`;
  const bounds: string[] = [];
  if (low) bounds.push(`${low.inclusive ? 'of at least' : 'greater than'} ${low.value}`);
  if (high) bounds.push(`${high.inclusive ? 'of at most' : 'less than'} ${high.value}`);
  return bounds.length ? ` ${bounds.join(' and ')}` : '';
}

function describeCount({ low, high }: Range, unit: string): string {
  if (low && high) return ` of ${low.value} to ${high.value} ${unit}`;
  if (high) return ` of at most ${high.value} ${unit}`;
  return low && low.value > 0 ? ` of at least ${low.value} ${unit}` : '';
}
