import { setTimeout as delay } from 'node:timers/promises';

/** An answer of the API that is not an outage: what came, whatever its status. */
export interface HttpAnswer {
  status: number;
  body: Record<string, unknown>;
}

const TIMEOUT_MS = 8_000;

/** Repeats a request, as a client should, until the service answers it: through lost replies, cut wires and 503. */
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

  /** Null: the run is over. */
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
          headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
          ...(body ? { body: JSON.stringify(body) } : {}),
          signal: AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        const text = await response.text();
        if (response.status < 500)
          return { status: response.status, body: text ? (JSON.parse(text) as HttpAnswer['body']) : {} };
      } catch {
        // Nobody there, or the wire was cut: what became of the request is not known.
      }
      this.repeated += 1;
      await delay(wait);
    }
    return null;
  }
}
