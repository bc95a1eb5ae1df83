import fc from 'fast-check';
import { generateFromSchema, type Schema } from './from-schema.ts';
import { hostileTexts, spoil } from './spoil.ts';

interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  required?: boolean;
  schema: Schema;
}
export interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: Schema }> }>;
}
export interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** One request to send. `path` and `method` name the operation; null: there is no such operation. */
export interface Request {
  operation: { path: string; method: string } | null;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** The status that its headers alone require: 406 for `Accept`, 415 for `Content-Type`; null: they are in order. */
  refusal: 406 | 415 | null;
}

/**
 * Values with which requests often succeed: parameters by name or `method path name`, and whole bodies by `method
 * path`.
 */
export interface Pools {
  parameters: Record<string, readonly string[]>;
  bodies: Record<string, readonly unknown[]>;
}

/** Generates valid, broken and hostile requests to every operation of the description, and some to unknown paths. */
export function generateRequests(description: Description, pools: Pools): fc.Arbitrary<Request> {
  const resolve = (ref: string): Schema => description.components.schemas[ref.split('/').at(-1)!]!;
  const operations = Object.entries(description.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  const made = operations.map(({ path, method, operation }) => {
    const parameters = (operation.parameters ?? []).map((parameter) => ({
      ...parameter,
      value: generateParameter(
        parameter,
        pools.parameters[`${method} ${path} ${parameter.name}`] ?? pools.parameters[parameter.name],
        resolve,
      ),
    }));
    const values = fc.tuple(
      ...parameters.map(({ value, required, in: place }) =>
        required || place === 'path' ? value : fc.option(value, { nil: undefined, freq: 1 }),
      ),
    );
    const schema = operation.requestBody?.content['application/json']?.schema;
    let body: fc.Arbitrary<string | undefined> = fc.constant(undefined);
    if (schema) body = generateBodies(generateFromSchema(schema, resolve), pools.bodies[`${method} ${path}`] ?? []);
    else if (method === 'post') body = fc.constantFrom(undefined, undefined, '{}', 'x');
    const types = Object.keys(operation.responses['200']?.content ?? { 'application/json': {} });
    return fc
      .tuple(values, body, contentTypes, generateAccept(types[0]!))
      .map(([given, text, type, accept]): Request => {
        const headers: Record<string, string> = {};
        if (accept.text !== null) headers.accept = accept.text;
        if (text !== undefined && type.text !== null) headers['content-type'] = type.text;
        const query = new URLSearchParams();
        let url = path;
        let leadsElsewhere = false;
        parameters.forEach(({ in: place, name }, i) => {
          const value = given[i];
          if (value === undefined) return;
          if (place === 'path' && vanishing.has(value)) leadsElsewhere = true;
          if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(value));
          else if (place === 'query') query.append(name, value);
          else headers[name] = value;
        });
        return {
          operation: leadsElsewhere ? null : { path, method },
          method: method.toUpperCase(),
          url: query.size ? `${url}?${query}` : url,
          headers,
          body: text,
          refusal: findRefusal(accept, isSent(text, type) ? type : null),
        };
      });
  });
  return fc.oneof({ weight: made.length, arbitrary: fc.oneof(...made) }, nowhere);
}

/** Parts of a path that clients remove, with the part before them or without. */
const vanishing = new Set(['', '.', '..']);

/** A header, or none, and whether every operation allows it. */
interface HeaderValue {
  text: string | null;
  isAllowed: boolean;
}

const contentTypes: fc.Arbitrary<HeaderValue> = fc.oneof(
  { weight: 30, arbitrary: fc.constant({ text: 'application/json', isAllowed: true }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('application/json; charset=utf-16', 'application/JSON')
      .map((text) => ({ text, isAllowed: true })),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(null, 'text/plain', 'multipart/form-data', 'application/xml', 'x')
      .map((text) => ({ text, isAllowed: false })),
  },
);

/** @param type the media type of the operation's answer */
function generateAccept(type: string): fc.Arbitrary<HeaderValue> {
  const met = fc.constantFrom(type, '*/*', `${type.split('/')[0]}/*`, `a/b;q=0.9, ${type};q=0.001`, '');
  const unmet = fc.constantFrom('a/b', `${type};q=0`, `${type};q=0, a/*`, '*/*;q=0', 'image/png, font/*;q=0.1', 'x');
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant({ text: null, isAllowed: true }) },
    { weight: 8, arbitrary: met.map((text) => ({ text, isAllowed: true })) },
    { weight: 3, arbitrary: unmet.map((text) => ({ text, isAllowed: false })) },
  );
}

/** Returns whether the request has a body or names its type. */
function isSent(body: string | undefined, { text: type }: HeaderValue): boolean {
  return body !== undefined && (body !== '' || type !== null);
}

/** @param contentType of the body; null: there is no body */
function findRefusal(accept: HeaderValue, contentType: HeaderValue | null): Request['refusal'] {
  if (!accept.isAllowed) return 406;
  return contentType === null || contentType.isAllowed ? null : 415;
}

function generateParameter(
  { in: place, schema }: Parameter,
  pool: readonly string[] | undefined,
  resolve: (ref: string) => Schema,
): fc.Arbitrary<string> {
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  const described = generateFromSchema(schema, resolve).map(text);
  const wild = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('', '0', '-1', '1e9', 'NaN', '..', '../..', '__proto__', '%00', 'null', '[]', '9'.repeat(400)),
  );
  const value = fc.oneof(
    { weight: 12, arbitrary: pool ? fc.constantFrom(...pool) : described },
    { weight: 3, arbitrary: described },
    { weight: 1, arbitrary: wild },
  );
  // A header is Latin-1 without controls: the client would not send anything else.
  const sendable = place === 'header' ? /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/ : /./s;
  return value.filter((one) => sendable.test(one) && isWellFormed(one));
}

function generateBodies(described: fc.Arbitrary<unknown>, known: readonly unknown[]): fc.Arbitrary<string> {
  const good = known.length ? fc.constantFrom(...known) : described;
  const json = fc
    .oneof(
      { weight: 4, arbitrary: good },
      { weight: 3, arbitrary: described },
      { weight: 4, arbitrary: spoil(good) },
      { weight: 2, arbitrary: spoil(described) },
    )
    .map((value) => JSON.stringify(value));
  return fc.oneof({ weight: 12, arbitrary: json }, { weight: 1, arbitrary: fc.constantFrom(...hostileTexts) });
}

const nowhere: fc.Arbitrary<Request> = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
    fc.array(
      fc.oneof(
        fc.constantFrom('v1', 'jobs', 'trials', 'docs', 'static', '..', '.', '__proto__', 'assets'),
        fc.string({ unit: 'binary', maxLength: 10 }),
      ),
      { maxLength: 5 },
    ),
  )
  .map(([method, parts]) => ({
    operation: null,
    method,
    url: `/${parts.filter(isWellFormed).map(encodeURIComponent).join('/')}`,
    headers: {},
    body: undefined,
    refusal: null,
  }));

function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}
