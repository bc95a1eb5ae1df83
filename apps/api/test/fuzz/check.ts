import formats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Description, Request } from './operations.ts';

export interface Answer {
  status: number;
  type: string;
  text: string;
  retryAfter: string | null;
}

/** Statuses for addresses without an operation, for which headers are not checked. */
const unroutable = new Set([400, 404]);

/** Compares answers with the description. */
export class Checker {
  readonly #description: Description;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(description: Description) {
    this.#description = description;
    formats.default(this.#ajv);
    this.#ajv.addFormat('base64', true);
    this.#ajv.addSchema({ $id: 'api', ...description } as object);
  }

  /** Returns what is wrong with the answer, or null. */
  findFault(request: Request, answer: Answer): string | null {
    const { status, type, text } = answer;
    const isDescribedRefusal = status === 503 && answer.retryAfter !== null && type === 'application/problem+json';
    if (status >= 500 && !isDescribedRefusal) return `status ${status}, Retry-After ${answer.retryAfter}`;
    if (!request.operation)
      return status >= 400 && type !== 'application/problem+json' && request.url !== '/'
        ? `${status} as ${type}`
        : null;
    if (!unroutable.has(status) && (request.refusal ?? status) !== status)
      return `${status} to headers that require ${request.refusal}`;
    if ((status === 406 || status === 415) && request.refusal !== status)
      return `${status} to headers that are in order`;
    const { path, method } = request.operation;
    if (status < 300 && this.#isBadBody(request))
      return `a body that does not match the description was accepted with ${status}`;
    const { responses } = this.#description.paths[path]![method]!;
    const named = String(status) in responses ? String(status) : 'default';
    if (named === 'default' && !unroutable.has(status)) return `${status} is not described`;
    const { $ref, content } = responses[named]!;
    // All problems have the same form.
    if ($ref) return this.#mismatch('/components/schemas/Problem', [text]);
    if (!content) return text ? `${status} is described without a body and has one` : null;
    if (!(type in content)) return `${status} as ${type}, described as ${Object.keys(content).join(', ')}`;
    const place = `/paths/${escape(path)}/${method}/responses/${named}/content/${escape(type)}/schema`;
    if (type === 'application/jsonl')
      return this.#mismatch('/components/schemas/Trial', text.split('\n').filter(Boolean));
    return this.#mismatch(place, type.endsWith('json') ? [text] : [], () => text);
  }

  #isBadBody({ operation, body }: Request): boolean {
    const { path, method } = operation!;
    if (!this.#description.paths[path]![method]!.requestBody) return false;
    try {
      return (
        this.#mismatch(`/paths/${escape(path)}/${method}/requestBody/content/application~1json/schema`, [
          body ?? '',
        ]) !== null
      );
    } catch {
      return true;
    }
  }

  #mismatch(place: string, texts: readonly string[], whole?: () => string): string | null {
    let validate = this.#compiled.get(place);
    if (!validate)
      this.#compiled.set(
        place,
        (validate = this.#ajv.compile({ $ref: `api#${place.split('/').map(encodeURIComponent).join('/')}` })),
      );
    const values: unknown[] = texts.map((text) => JSON.parse(text));
    if (!texts.length && whole) values.push(whole());
    for (const value of values)
      if (!validate(value)) return `not as described: ${this.#ajv.errorsText(validate.errors)}`;
    return null;
  }
}

function escape(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
