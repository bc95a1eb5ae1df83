import fc from 'fast-check';

/** The part of JSON Schema that the service's description uses. */
export interface Schema {
  $ref?: string;
  type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  items?: Schema;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  contentEncoding?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

const FEW = 3;

/** Generates values that match a schema. `resolve` returns the schema of a reference. */
export function generateFromSchema(schema: Schema, resolve: (ref: string) => Schema): fc.Arbitrary<unknown> {
  const made = (inner: Schema): fc.Arbitrary<unknown> => generateFromSchema(inner, resolve);
  if (schema.$ref) return made(resolve(schema.$ref));
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return fc.oneof(...options.map(made));
  switch (schema.type) {
    case 'object':
      return generateObject(schema, made);
    case 'array':
      return schema.prefixItems
        ? fc.tuple(...schema.prefixItems.map(made))
        : fc.array(made(schema.items ?? {}), {
            minLength: schema.minItems ?? 0,
            maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? FEW, FEW)),
          });
    case 'string':
      return generateText(schema);
    case 'integer':
      return generateInteger(schema);
    case 'number':
      return generateNumber(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function generateObject(
  { properties = {}, required = [], additionalProperties, propertyNames }: Schema,
  made: (schema: Schema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, made(inner)]));
  const known = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
  if (!additionalProperties || Object.keys(properties).length) return known;
  const value = additionalProperties === true ? fc.jsonValue({ maxDepth: 1 }) : made(additionalProperties);
  return fc.dictionary(generateText(propertyNames ?? {}), value, { maxKeys: FEW });
}

function generateText({
  pattern,
  format,
  contentEncoding,
  minLength = 0,
  maxLength = 40,
  enum: choices,
}: Schema): fc.Arbitrary<string> {
  if (choices) return fc.constantFrom(...(choices as string[]));
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString());
  if (contentEncoding === 'base64') return fc.base64String({ maxLength: 24 });
  if (format === 'uri') return fc.webUrl();
  if (pattern)
    return fc
      .stringMatching(new RegExp(pattern))
      .filter((text) => text.length >= minLength && text.length <= Math.max(maxLength, minLength));
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)), unit: 'binary' });
}

function generateInteger({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): fc.Arbitrary<number> {
  const low = Math.max(minimum ?? -Infinity, (exclusiveMinimum ?? -Infinity) + 1, Number.MIN_SAFE_INTEGER);
  const high = Math.min(maximum ?? Infinity, (exclusiveMaximum ?? Infinity) - 1, Number.MAX_SAFE_INTEGER);
  const near = fc.integer({ min: Math.ceil(low), max: Math.floor(Math.min(high, low + 20)) });
  return fc.oneof({ weight: 3, arbitrary: near }, fc.integer({ min: Math.ceil(low), max: Math.floor(high) }));
}

function generateNumber({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): fc.Arbitrary<number> {
  const min = Math.max(minimum ?? -1.7e308, exclusiveMinimum ?? -1.7e308);
  const max = Math.min(maximum ?? 1.7e308, exclusiveMaximum ?? 1.7e308);
  const inside = fc.double({
    min,
    max,
    noNaN: true,
    minExcluded: exclusiveMinimum !== undefined,
    maxExcluded: exclusiveMaximum !== undefined,
  });
  const tame =
    Math.max(min, 0) + 1 < Math.min(max, 10)
      ? [fc.integer({ min: Math.ceil(Math.max(min, 0)) + 1, max: Math.floor(Math.min(max, 10)) })]
      : [];
  return fc.oneof(inside, ...tame);
}
