import type { IncomingMessage } from 'node:http';
import { Busy, GradsmithError } from '@gradsmith/core/domain';
import type { FastifyRequest, preParsingAsyncHookHandler } from 'fastify';

type RawRequest = Pick<FastifyRequest, 'raw'>;

interface Place {
  isAnswered: boolean;
  /** Calls of `run` that have not settled. */
  running: number;
}

class ClientGone extends GradsmithError {
  constructor() {
    super('the client closed the connection before its answer', 'request-timeout', { retryable: true });
  }
}

/** Admits a bounded number of requests at once. */
export class Admission {
  readonly #max: number;
  readonly #what: string;
  readonly #places = new Map<IncomingMessage, Place>();

  /** @param what what the requests do, for the message: `exports` */
  constructor(max: number, what: string) {
    this.#max = max;
    this.#what = what;
  }

  /**
   * Gives the request a place until the end of its answer. Without a free one, it is answered 503 with Retry-After,
   * before its body is read.
   */
  readonly admit: preParsingAsyncHookHandler = async ({ raw }, reply, payload) => {
    if (this.#places.size >= this.#max)
      throw new Busy(`this service runs ${this.#max} ${this.#what} at once; try again in a moment`);
    this.#places.set(raw, { isAnswered: false, running: 0 });
    reply.raw.once('close', () => this.#change(raw, { isAnswered: true }));
    return payload;
  };

  /**
   * Does the work of an admitted request. Its place stays taken until the work has settled, even if the client hangs
   * up.
   */
  async run<Result>({ raw }: RawRequest, work: () => Promise<Result>): Promise<Result> {
    this.#change(raw, { running: 1 });
    try {
      return await work();
    } finally {
      this.#change(raw, { running: -1 });
    }
  }

  /** Passes on what an admitted request reads. Its place stays taken until the source has ended. */
  async *follow<Item>({ raw }: RawRequest, items: AsyncIterable<Item>): AsyncGenerator<Item> {
    this.#change(raw, { running: 1 });
    try {
      yield* items;
    } finally {
      this.#change(raw, { running: -1 });
    }
  }

  #change(raw: IncomingMessage, { isAnswered = false, running = 0 }: Partial<Place>): void {
    // A client can hang up between its admission and its handler.
    const place = this.#places.get(raw) ?? { isAnswered: true, running: 0 };
    place.isAnswered ||= isAnswered;
    place.running += running;
    if (place.isAnswered && place.running <= 0) this.#places.delete(raw);
    else this.#places.set(raw, place);
  }
}

/** Ends the work for a client that has hung up. @throws ClientGone */
export function refuseIfGone({ raw }: RawRequest): void {
  if (raw.socket.destroyed) throw new ClientGone();
}
