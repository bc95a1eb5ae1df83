import { once } from 'node:events';
import type { FastifyReply } from 'fastify';
import type { FeedEvent } from './job-feed.ts';

/** How often a comment is sent, so that proxies keep the stream open and both sides detect a lost connection, ms. */
const HEARTBEAT_MS = 15_000;
/** How long a reader may accept nothing before it is disconnected, ms. It can resume. */
const STUCK_MS = 60_000;
/** Time to send the last events when a stream closes, ms. */
const FLUSH_MS = 500;
/** How soon a client reconnects, ms. */
const RETRY_MS = 2_000;

/** A server-sent event stream. Writing waits for the reader, so nothing accumulates for a slow one. */
export class EventStream {
  readonly #raw: FastifyReply['raw'];
  readonly #heartbeat: NodeJS.Timeout;
  readonly #closed = new AbortController();

  /** Takes over the reply and sends the headers. */
  constructor(reply: FastifyReply) {
    reply.hijack();
    this.#raw = reply.raw;
    const headers = {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    };
    this.#raw.writeHead(200, headers as Record<string, string>);
    this.#raw.write(`retry: ${RETRY_MS}\n\n`);
    this.#raw.on('close', () => this.close());
    this.#raw.on('error', () => this.close());
    this.#heartbeat = setInterval(() => {
      if (!this.#raw.writableNeedDrain) this.#raw.write(': heartbeat\n\n');
    }, HEARTBEAT_MS).unref();
    // The answer to HEAD has only headers. Left open, it would occupy the connection.
    if (this.#raw.req.method === 'HEAD') this.close();
  }

  get open(): boolean {
    return !this.#closed.signal.aborted;
  }

  /** Calls `listener` once when the stream closes, whether the client or the service closes it. */
  onClose(listener: () => void): void {
    this.#closed.signal.addEventListener('abort', listener, { once: true });
  }

  async send({ id, event, data }: FeedEvent): Promise<void> {
    if (!this.open || this.#raw.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) return;
    try {
      await once(this.#raw, 'drain', { signal: AbortSignal.any([this.#closed.signal, AbortSignal.timeout(STUCK_MS)]) });
    } catch {
      this.close();
    }
  }

  /** Closes the stream when everything written is sent, or after `FLUSH_MS`. */
  close(): void {
    if (!this.open) return;
    this.#closed.abort();
    clearInterval(this.#heartbeat);
    const raw = this.#raw;
    const cut = setTimeout(() => raw.destroy(), FLUSH_MS).unref();
    raw.end(() => clearTimeout(cut));
  }
}
