import { NoAnswer, readProblem, toConnectionError, type ConnectionError } from './problem.ts';
import { pause } from './time.ts';

export interface ClientOptions {
  /** Address of the service, such as `http://127.0.0.1:8080`. In a page that the service serves: `''`. */
  url: string;
  /** API key, or a function that returns the current one; null if the service requires none. */
  key?: string | null | (() => string | null);
  /** How long a call is repeated while the service does not answer or is busy, ms. 0: never. Default 30 000. */
  retryForMs?: number;
  /** How long one try may take, ms. Default 30 000. */
  timeoutMs?: number;
  /** Whether to give up at once after this failure of the connection. By default, every failure is retried. */
  isFinal?: (error: ConnectionError) => boolean;
  /** Replaces the global `fetch`. */
  fetch?: typeof fetch;
}

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
  /** How long one try may take, ms. Default: that of the client. */
  timeoutMs?: number;
  /** The time limit holds only until the headers arrive. */
  stream?: boolean;
}

/**
 * Pauses between tries, from the first to the longest, ms. Half of each is random, so that many clients do not retry at
 * the same time.
 */
const FIRST_PAUSE_MS = 200;
const LAST_PAUSE_MS = 5_000;

/** Answers after which the same call may succeed later. */
const passing = new Set([429, 502, 503, 504]);

/**
 * Sends calls, and repeats them while the service is not reached or busy. Every call may be repeated, so a lost reply
 * is handled like a lost request. Throws ApiProblem for a refusal, ConnectionError if the service is not reached, or
 * the signal's reason.
 */
export class Transport {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = { ...options, url: options.url.replace(/\/$/, '') };
  }

  async json<T>(path: string, call: Call = {}): Promise<T> {
    return (await (await this.send(path, call)).json()) as T;
  }

  /** Returns an answer with a 2xx status or 304. */
  async send(path: string, call: Call = {}): Promise<Response> {
    const until = performance.now() + (this.#options.retryForMs ?? 30_000);
    for (let wait = FIRST_PAUSE_MS, tries = 1; ; wait = Math.min(2 * wait, LAST_PAUSE_MS), tries++) {
      const outcome = await this.#try(path, call);
      if (outcome instanceof Response) {
        if (outcome.ok || outcome.status === 304) return outcome;
        // The first try deleted it and its reply was lost.
        if (outcome.status === 404 && call.method === 'DELETE' && tries > 1) return outcome;
      }
      const pauseMs = Math.max(readRetryAfter(outcome), wait * (0.5 + Math.random() / 2));
      if (!this.#mayRetry(outcome) || performance.now() + pauseMs > until)
        throw outcome instanceof Response ? await readProblem(outcome) : outcome;
      await pause(pauseMs, call.signal);
    }
  }

  #mayRetry(outcome: Response | ConnectionError): boolean {
    if (outcome instanceof Response) return passing.has(outcome.status);
    return !this.#options.isFinal?.(outcome);
  }

  /**
   * Returns the answer, or the error if the service was not reached. Throws if the caller aborted, or if the request
   * cannot be built.
   */
  async #try(
    path: string,
    { method = 'GET', query = {}, body, headers, signal, stream, timeoutMs = this.#options.timeoutMs ?? 30_000 }: Call,
  ): Promise<Response | ConnectionError> {
    const { url, fetch: send = fetch } = this.#options;
    const request: RequestInit = {
      method,
      // The status has its own ETag, and nothing else may come from a browser's cache.
      cache: 'no-store',
      headers: this.#createHeaders(headers, body !== undefined),
      body: body === undefined ? null : JSON.stringify(body),
    };
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(new NoAnswer(`${url}${path}`, timeoutMs)), timeoutMs);
    try {
      const response = await send(`${url}${path}${formatQuery(query)}`, {
        ...request,
        signal: signal ? AbortSignal.any([signal, slow.signal]) : slow.signal,
      });
      // The body is read here, so that an answer that breaks off counts as lost.
      return stream || response.status === 304 || response.status === 204
        ? response
        : new Response(await response.arrayBuffer(), response);
    } catch (error) {
      signal?.throwIfAborted();
      return toConnectionError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #createHeaders(extra: Call['headers'], hasBody: boolean): Headers {
    const headers = new Headers(extra);
    const key = typeof this.#options.key === 'function' ? this.#options.key() : this.#options.key;
    if (key) headers.set('authorization', `Bearer ${key}`);
    if (hasBody) headers.set('content-type', 'application/json');
    return headers;
  }
}

/** Returns the pause that the service asks for in seconds, as ms; 0 if it asks for none. */
function readRetryAfter(outcome: Response | ConnectionError): number {
  if (!(outcome instanceof Response)) return 0;
  return (Number(outcome.headers.get('retry-after')) || 0) * 1_000;
}

function formatQuery(query: NonNullable<Call['query']>): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of [value ?? []].flat()) text.append(name, String(one));
  return text.size ? `?${text}` : '';
}
