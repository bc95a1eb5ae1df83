/** The part of JSON Schema that the job schema is made of. */
export interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** A field of an object, or of the objects that may stand in one place. */
export interface Field {
  name: string;
  /** Which of the alternatives have it, by name; null: all. */
  of: string[] | null;
  schema: Schema;
  required: boolean;
}

/** The alternatives of a place by the name that tells them apart; one without a name where there are none. */
export function alternatives(schema: Schema): { name: string; schema: Schema }[] {
  return (schema.oneOf ?? schema.anyOf ?? [schema]).flatMap((each) =>
    (each.oneOf ?? each.anyOf) ? alternatives(each) : [{ name: findName(each), schema: each }],
  );
}

/**
 * The fields of all alternatives, those that are the same in several of them once; names that tell them apart are left
 * out.
 */
export function listFields(place: Schema): Field[] {
  const all = alternatives(place).filter(({ schema }) => schema.properties);
  const found = new Map<string, Field & { of: string[] }>();
  for (const { name: of, schema } of all) {
    for (const [name, field] of Object.entries(schema.properties!)) {
      if (field.const !== undefined) continue;
      const key = `${name} ${JSON.stringify(field)}`;
      const known = found.get(key);
      if (known) known.of.push(of);
      else
        found.set(key, {
          name,
          of: [of],
          schema: field,
          required: schema.required?.includes(name) === true && field.default === undefined,
        });
    }
  }
  return [...found.values()]
    .map((field) => ({ ...field, of: field.of.length === all.length ? null : field.of }))
    .sort((a, b) => Number(b.of === null) - Number(a.of === null));
}

/** What may stand there, in words: `whole number 1 to 256`, `one of same, valid`, `list of text`. */
export function typeText(schema: Schema): string {
  const { type, properties, items, additionalProperties } = schema;
  if (schema.enum)
    return schema.enum.length > 12 ? 'a name' : `one of ${schema.enum.map((each) => `\`${each}\``).join(', ')}`;
  if (schema.oneOf ?? schema.anyOf)
    return [
      ...new Set(alternatives(schema).map((each) => (each.name ? `\`${each.name}\`` : typeText(each.schema)))),
    ].join(', ');
  if (type === 'array') return `list of ${items ? typeText(items).replace(/^one of/, 'any of') : 'values'}`;
  if (properties) return '{…}';
  if (typeof additionalProperties === 'object') return `{name: ${typeText(additionalProperties)}}`;
  if (type === 'integer') return `whole number${rangeText(schema)}`;
  if (type === 'number') return `number${rangeText(schema)}`;
  return { string: 'text', boolean: 'true or false' }[type ?? ''] ?? 'any value';
}

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const low = minimum ?? (exclusiveMinimum === undefined ? undefined : `over ${exclusiveMinimum}`);
  const high = maximum ?? (exclusiveMaximum === undefined ? undefined : `under ${exclusiveMaximum}`);
  // What JSON can hold at all is no range.
  const [from, to] = [
    low === Number.MIN_SAFE_INTEGER ? undefined : low,
    high === Number.MAX_SAFE_INTEGER ? undefined : high,
  ];
  if (from !== undefined && to !== undefined) return ` ${from} to ${to}`;
  if (from !== undefined) return typeof from === 'string' ? ` ${from}` : ` from ${from}`;
  return to === undefined ? '' : ` up to ${to}`;
}

function findName({ properties = {} }: Schema): string {
  const [tag] = [properties['name'], properties['kind'], properties['type']].filter(
    (field) => field?.const !== undefined,
  );
  return tag ? String(tag.const) : '';
}
