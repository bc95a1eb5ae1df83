import type { Created, CreateOptions, Page, PageRequest } from './queries.ts';
import { createUuid } from './time.ts';
import type { Call, Transport } from './transport.ts';

/** Trials or jobs in one request. */
const PAGE = 200;

/** Calls that many methods of the client have in common. */
export class Calls {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Sends a body with POST and returns the answer. */
  post<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    return this.#transport.json(path, { method: 'POST', body, signal });
  }

  /** Creates something; a repeated call with the same key finds it. */
  create<T>(path: string, body: unknown, options: CreateOptions): Promise<T> {
    return this.#transport.json(path, buildCreation(body, options));
  }

  /** As `create`, and returns whether it is new. */
  async createOrFind<T>(path: string, call: Call): Promise<Created<T>> {
    const response = await this.#transport.send(path, call);
    return { resource: (await response.json()) as T, created: response.status === 201 };
  }

  /** Reads one page of a list. */
  readPage<P extends Page<unknown>>(
    path: string,
    query: NonNullable<Call['query']>,
    { limit, cursor }: PageRequest,
    signal?: AbortSignal,
  ): Promise<P> {
    return this.#transport.json(path, { signal, query: { ...query, limit, cursor: cursor ?? undefined } });
  }

  /** Reads a list page by page. */
  async *readPages<T>(
    path: string,
    query: NonNullable<Call['query']>,
    signal?: AbortSignal,
  ): AsyncGenerator<T, void, undefined> {
    let cursor: string | null = null;
    do {
      const page: Page<T> = await this.readPage(path, query, { limit: PAGE, cursor }, signal);
      yield* page.items;
      cursor = page.next;
    } while (cursor !== null);
  }
}

/** Returns a call that creates something under the key, or under a random one. */
export function buildCreation(body: unknown, { key = createUuid(), signal }: CreateOptions): Call {
  return { method: 'POST', body, signal, headers: { 'idempotency-key': key } };
}

/** Returns the path of a job, or of a part of it. */
export function buildPath(...parts: readonly string[]): string {
  return ['/v1/jobs', ...parts.map(encodeURIComponent)].join('/');
}
