import { isUtf8 } from 'node:buffer';
import { InvalidInput, MalformedInput } from '@gradsmith/core/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getLocation, printParseErrorCode, visit, type ParseErrorCode } from 'jsonc-parser';

/**
 * Parses request bodies as JSON by RFC 8259 and refuses what parsers usually accept silently: duplicate keys, the key
 * `__proto__`, bytes that are not UTF-8, unbounded nesting, and fields where no body is expected. Errors name the place
 * in the body.
 */
export function acceptStrictJson(app: FastifyInstance): void {
  // Bodies of every other type are answered 415. Fastify also parses text/plain by itself.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(jsonTypes, { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      // Many clients name the type of a body that they do not send, as with pause or retry. The schema reports a
      // missing body.
      done(null, body.length === 0 ? undefined : parseStrictJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('preValidation', refuseUnexpectedBody);
}

/** A merge patch (RFC 7396) has a type of its own. */
const jsonTypes = ['application/json', 'application/merge-patch+json'];

function refuseUnexpectedBody({ body, routeOptions }: FastifyRequest, _reply: unknown, done: () => void): void {
  if (!routeOptions.schema?.body && typeof body === 'object' && body !== null) {
    const [field] = Object.keys(body);
    if (field !== undefined) refuse([field], 'is not a known field: this call has no body');
  }
  done();
}

/** Far more than a request needs, and far too little to exhaust the stack of a parser. */
const MAX_DEPTH = 64;
const SHOWN_DEPTH = 8;

/** Assigning to it replaces an object's prototype, and schemas drop it. Every other name is a name like any other. */
const FORBIDDEN = '__proto__';

/** Throws InvalidInput with the first problem. */
export function parseStrictJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw new MalformedInput([{ path: [], message: 'is not UTF-8, as JSON is' }], 'the body');
  const text = body.toString('utf8');
  const openObjects: Set<string>[] = [];
  let depth = 0;
  const enter = (path: (string | number)[]): void => {
    if (++depth > MAX_DEPTH) refuse(path.slice(0, SHOWN_DEPTH), `is nested more than ${MAX_DEPTH} deep`);
  };
  visit(
    text,
    {
      onObjectBegin(_offset, _length, _line, _column, path) {
        enter(path());
        openObjects.push(new Set());
      },
      onObjectEnd() {
        depth -= 1;
        openObjects.pop();
      },
      onArrayBegin: (_offset, _length, _line, _column, path) => enter(path()),
      onArrayEnd: () => void (depth -= 1),
      onObjectProperty(key, offset, _length, _line, _column, path) {
        const keys = openObjects.at(-1)!;
        const place = [...path(), key];
        if (keys.has(key)) refuse(place, 'occurs twice; keep one of them');
        if (key === FORBIDDEN) refuse(place, 'is not allowed as a name');
        keys.add(key);
        void offset;
      },
      onError: (code: ParseErrorCode, offset: number) => syntaxError(text, offset, printParseErrorCode(code)),
      onComment: (offset: number) => syntaxError(text, offset, 'CommentsAreNotJson'),
    },
    { disallowComments: true },
  );
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The tolerant scanner accepted it. The engine's message names the position.
    throw new MalformedInput([{ path: [], message: `is not JSON: ${(error as Error).message}` }], 'the body');
  }
}

function syntaxError(text: string, offset: number, code: string): never {
  const near = text.slice(offset, offset + 20).split('\n')[0];
  const line = text.slice(0, offset).split('\n').length;
  const words = code.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const message =
    `is not JSON (${words} at line ${line}, near ${JSON.stringify(near)}); ` +
    'NaN, Infinity, comments and trailing commas are not JSON';
  const { path, isAtPropertyKey } = getLocation(text, offset);
  throw new MalformedInput([{ path: isAtPropertyKey ? path.slice(0, -1) : path, message }], 'the body');
}

function refuse(path: (string | number)[], message: string): never {
  throw new InvalidInput([{ path, message }], 'the body');
}
