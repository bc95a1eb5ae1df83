import { setTimeout as delay } from 'node:timers/promises';

/** An answer of the API with a status below 500. */
export interface HttpAnswer {
  status: number;
  body: Record<string, unknown>;
}

const TIMEOUT_MS = 8_000;

/** Repeats a request until the service answers it: a client should do so after lost replies and 503. */
export class HttpClient {
  readonly #bases: readonly string[];
  readonly #signal: AbortSignal;
  #next = 0;
  /** Requests that had to be repeated. */
  repeated = 0;

  constructor(bases: readonly string[], signal: AbortSignal) {
    this.#bases = bases;
    this.#signal = signal;
  }

  /** Returns null if the run ends before there is an answer. */
  async send(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<HttpAnswer | null> {
    for (let wait = 50; !this.#signal.aborted; wait = Math.min(2 * wait, 1_000)) {
      const base = this.#bases[this.#next++ % this.#bases.length];
      try {
        const response = await fetch(base + path, {
          method,
          headers: body ? { 'content-type': 'application/json', ...headers } : headers,
          body: body ? JSON.stringify(body) : null,
          signal: AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        const text = await response.text();
        if (response.status < 500)
          return { status: response.status, body: text ? (JSON.parse(text) as HttpAnswer['body']) : {} };
      } catch {
        // Nothing listens, or the connection was closed. Whether the request was carried out is unknown.
      }
      this.repeated += 1;
      await delay(wait);
    }
    return null;
  }
}
