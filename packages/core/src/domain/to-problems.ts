import type { z } from 'zod';
import { describeChoice, describeGiven, describeWanted, listDiscriminators, listValues } from './describe-wanted.ts';
import { findSchemas, listMembers, readDefinition } from './find-schemas.ts';
import type { Problem } from './problem.ts';
import { didYouMean } from './suggest-name.ts';

type Issue = z.core.$ZodIssue;

/** What was checked, by which schema. Without an input, messages do not repeat given values, which may be secret. */
export interface Checked {
  readonly schema: z.core.$ZodType;
  readonly input?: unknown;
}

/**
 * Issues that are described in full: more than an error reports. A hostile input has as many as its size allows, and
 * each would cost time.
 */
const MAX_DESCRIBED = 100;

/** What was checked, and how many issues may still be described in full. */
interface Described extends Checked {
  left: number;
}

/**
 * Returns the issues of a zod schema as problems in the words of the user: what is wanted, with the range, what was
 * given, and which name was probably meant. Unknown keys are each at their own place, and a union's issues are those of
 * the member that came closest. A number that is both too large and no safe integer is one problem.
 */
export function toProblems({ issues }: Pick<z.core.$ZodError, 'issues'>, checked: Checked): Problem[] {
  const described = { ...checked, left: MAX_DESCRIBED };
  const seen = new Set<string>();
  return issues
    .flatMap((issue) => describeIssue(issue, described))
    .filter(({ path, message }) => {
      const key = JSON.stringify([path, message]);
      return !seen.has(key) && seen.add(key);
    });
}

function describeIssue(issue: Issue, checked: Described): Problem[] {
  const path = toPath(issue.path);
  checked.left -= 1;
  if (checked.left < 0) return listBriefly(issue, path);
  const schemas = findSchemas(checked.schema, issue.path, checked.input);
  const given = readAt(checked.input, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return describeUnknownKeys(issue, path, schemas, { given, checked });
    case 'invalid_union':
      return describeUnion(issue, path, checked);
    case 'invalid_key':
      return [{ path, message: describeKey(issue, checked) }];
    case 'invalid_type':
      return [{ path, message: describeType(issue, schemas, describeNot(checked, given)) }];
    default:
      return [{ path, message: describeValue(issue, schemas, describeNot(checked, given), given) }];
  }
}

const UNKNOWN = 'is not a known field';

/** Lists the problems of an issue without describing them. */
function listBriefly(issue: Issue, path: Problem['path']): Problem[] {
  if (issue.code !== 'unrecognized_keys') return [{ path, message: 'is not valid' }];
  return issue.keys.map((key) => ({ path: [...path, key], message: UNKNOWN }));
}

function toPath(path: readonly PropertyKey[]): Problem['path'] {
  return path.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

function readAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((value: unknown, part) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined;
  }, input);
}

/** Returns what is wrong with the name of a field, where users choose the names. */
function describeKey(issue: z.core.$ZodIssueInvalidKey, checked: Checked): string {
  const [inner] = issue.issues;
  const key = issue.path.at(-1);
  const at = issue.path.slice(0, -1);
  const map = readAt(checked.input, at);
  const schemas = findSchemas(checked.schema, at, checked.input)
    .flatMap((schema) => listMembers(schema, map))
    .flatMap((member) => readDefinition(member).keyType ?? []);
  if (inner === undefined || !schemas.length) return 'has a name that is not valid';
  return ZODS_OWN.test(inner.message) ? `the name ${describeValue(inner, schemas, '', key)}` : inner.message;
}

/** Returns `, not VALUE`, or nothing if given values are not repeated. */
function describeNot(checked: Checked, given: unknown): string {
  return Object.hasOwn(checked, 'input') ? `, not ${describeGiven(given)}` : '';
}

function describeUnknownKeys(
  { keys }: z.core.$ZodIssueUnrecognizedKeys,
  path: Problem['path'],
  schemas: readonly z.core.$ZodType[],
  { given, checked }: { given: unknown; checked: Described },
): Problem[] {
  const known = [
    ...new Set(
      schemas
        .flatMap((schema) => listMembers(schema, given))
        .flatMap((member) => Object.keys(readDefinition(member).shape ?? {})),
    ),
  ];
  return keys.map((key) => {
    checked.left -= 1;
    if (checked.left < 0) return { path: [...path, key], message: UNKNOWN };
    const meant = didYouMean(key, known);
    const others = known.length ? `; the fields here are ${known.join(', ')}` : '; remove it';
    return { path: [...path, key], message: `${UNKNOWN}${meant || others}` };
  });
}

function describeUnion(issue: z.core.$ZodIssueInvalidUnion, path: Problem['path'], checked: Described): Problem[] {
  if (!issue.errors.length) return [{ path, message: describeDiscriminator(issue, checked) }];
  if (!ZODS_OWN.test(issue.message)) return [{ path, message: issue.message }];
  const isType = (issues: readonly Issue[]): boolean =>
    issues.length === 1 && issues[0]!.code === 'invalid_type' && issues[0]!.path.length === 0;
  if (issue.errors.every(isType)) {
    const schemas = findSchemas(checked.schema, issue.path, checked.input);
    const given = readAt(checked.input, path);
    const isMissing = given === undefined && Object.hasOwn(checked, 'input');
    const wanted = describeWanted(schemas);
    return [
      { path, message: isMissing ? `is missing; give ${wanted}` : `must be ${wanted}${describeNot(checked, given)}` },
    ];
  }
  const [closest] = [...issue.errors].sort((a, b) => measureDepth(b) - measureDepth(a) || a.length - b.length);
  return closest!.flatMap((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, checked));
}

function describeDiscriminator(issue: z.core.$ZodIssueInvalidUnion, checked: Checked): string {
  const at = issue.path.slice(0, -1);
  const known = findSchemas(checked.schema, at, checked.input).flatMap((schema) => listDiscriminators(schema));
  const given = readAt(checked.input, issue.path);
  if (!known.length) return issue.message;
  if (given === undefined && Object.hasOwn(checked, 'input')) return `is missing; give ${describeChoice(known)}`;
  return `must be ${describeChoice(known)}${describeNot(checked, given)}${didYouMean(given, known)}`;
}

/** JSON has no undefined: what is of that type is not there. */
function describeType(
  { message }: z.core.$ZodIssueInvalidType,
  schemas: readonly z.core.$ZodType[],
  not: string,
): string {
  const received = /received (\w+)/.exec(message)?.[1];
  if (received === undefined && !message.startsWith('Invalid input')) return message;
  const wanted = describeWanted(schemas);
  return received === 'undefined' ? `is missing; give ${wanted}` : `must be ${wanted}${not}`;
}

/** The words of zod; a message that a schema gives itself does not begin like them. */
const ZODS_OWN = /^(?:Too (?:small|big)|Invalid)\b/;

/** Formats of texts, where their names need words. */
const FORMATS: Readonly<Record<string, string>> = { url: 'an address', uuid: 'a UUID', datetime: 'a time' };

function describeValue(issue: Issue, schemas: readonly z.core.$ZodType[], not: string, given: unknown): string {
  if (!ZODS_OWN.test(issue.message)) {
    // An address may hold a secret, and is too long to be read twice.
    const repeats = issue.code === 'invalid_format' && issue.format !== 'url' && issue.message.startsWith('must ');
    return repeats ? issue.message.replace(/^[^;]*/, (wanted) => `${wanted}${not}`) : issue.message;
  }
  switch (issue.code) {
    case 'too_small':
    case 'too_big':
      return `must be ${describeWanted(schemas)}${describeLength(issue.origin, given) ?? not}`;
    case 'invalid_value':
      if (given === undefined && not) return `is missing; give ${describeWanted(schemas)}`;
      return `must be ${describeWanted(schemas)}${not}${didYouMean(given, listValues(schemas))}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}${not}`;
    case 'invalid_format':
      return `must be ${FORMATS[issue.format] ?? issue.format}${issue.format === 'url' ? '' : not}`;
    default:
      return issue.message.replace(/^Invalid \w+: /, '');
  }
}

/** Returns the length of a text or a list that is too short or too long. A number in a query is a text, too. */
function describeLength(origin: string, given: unknown): string | undefined {
  const isMeasured = (origin === 'string' && typeof given === 'string') || (origin === 'array' && Array.isArray(given));
  return isMeasured ? `, not of ${given.length}` : undefined;
}

function measureDepth(issues: readonly Issue[]): number {
  return issues.reduce((depth, { path }) => Math.max(depth, path.length), 0);
}
