import { InvalidInput } from '@gradsmith/core/domain';
import { parseJob } from '@gradsmith/core/spec';
import { type Document, isMap, isNode, isPair, isScalar, isSeq, parseDocument } from 'yaml';

/** Something wrong with a job text, and the characters it is about. */
export interface Finding {
  readonly message: string;
  /** Where in the job, as people read it: `objective.epochs`; empty for the text as a whole. */
  readonly place: string;
  readonly from: number;
  readonly to: number;
}

export interface CheckedText {
  readonly document: Document;
  /** The job as data, whenever the text can be read at all. */
  readonly job: unknown;
  readonly findings: readonly Finding[];
}

/** Reads a job text, YAML or JSON, and checks it by the schema that the service checks it by. */
export function checkText(text: string): CheckedText {
  const document = parseDocument(text, { prettyErrors: false });
  const faults = document.errors.map(({ message, pos: [from, to] }) => ({
    message: `cannot be read: ${message}`,
    place: '',
    from,
    to,
  }));
  if (faults.length) return { document, job: null, findings: faults };
  try {
    const job: unknown = document.toJS({ maxAliasCount: 100 });
    const unwritable = findNonFinite(job, []);
    if (unwritable) return { document, job, findings: [locate(document, text, unwritable, 'must be a finite number')] };
    parseJob(job);
    return { document, job, findings: [] };
  } catch (error) {
    if (!(error instanceof InvalidInput))
      return {
        document,
        job: null,
        findings: [{ message: `cannot be read: ${(error as Error).message}`, place: '', from: 0, to: text.length }],
      };
    return {
      document,
      job: document.toJS(),
      findings: error.problems.map(({ path, message }) => locate(document, text, path, message)),
    };
  }
}

/** JSON has neither NaN nor infinities, which YAML has. */
function findNonFinite(value: unknown, path: readonly (string | number)[]): (string | number)[] | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : [...path];
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = findNonFinite(inner, [...path, Array.isArray(value) ? Number(key) : key]);
    if (found) return found;
  }
  return null;
}

/** A JSON pointer (RFC 6901) as a path. */
export function parsePointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The characters of the value at `path`, or of the nearest part above it that is there. */
export function locate(document: Document, text: string, path: readonly (string | number)[], message: string): Finding {
  const place = path.map((part, i) => (/^\d+$/.test(String(part)) ? `[${part}]` : `${i ? '.' : ''}${part}`)).join('');
  let node: unknown = document.contents;
  let range: readonly [number, number] | null = null;
  for (const part of path) {
    const pair = isMap(node)
      ? node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part))
      : undefined;
    const next: unknown = pair ? pair.value : isSeq(node) ? node.items[Number(part)] : undefined;
    if (!pair && next === undefined) break;
    // A key by itself, without a value, is still a place.
    const shown =
      isNode(next) && next.range && (isScalar(next) || !pair)
        ? next
        : isPair(pair) && isNode(pair.key)
          ? pair.key
          : next;
    if (isNode(shown) && shown.range) range = [shown.range[0], shown.range[1]];
    node = next;
  }
  const [from, to] = range ?? [0, Math.max(0, text.indexOf('\n'))];
  return { message, place, from, to: Math.max(to, from) };
}
