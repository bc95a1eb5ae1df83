import type { IncomingMessage } from 'node:http';
import { Busy, GradsmithError } from '@gradsmith/core/domain';
import type { FastifyRequest, preParsingAsyncHookHandler } from 'fastify';
import { describeCaller } from './protect.ts';

type AdmittedRequest = Pick<FastifyRequest, 'raw' | 'identity' | 'ip'>;

interface Limits {
  /** Requests of all callers together. */
  max: number;
  /** Requests of one key, or of one address without a key. By default `max`. */
  maxPerCaller?: number;
  /** What the requests do, for messages: `exports`. */
  what: string;
}

interface Place {
  caller: string;
  isAnswered: boolean;
  /** Calls of `run` and `follow` that have not settled. */
  running: number;
}

class ClientGone extends GradsmithError {
  constructor() {
    super('the client closed the connection before its answer', 'request-timeout', { retryable: true });
  }
}

/** Admits a bounded number of requests at once. */
export class Admission {
  readonly #limits: Required<Limits>;
  readonly #places = new Map<IncomingMessage, Place>();

  constructor(limits: Limits) {
    this.#limits = { maxPerCaller: limits.max, ...limits };
  }

  /**
   * Gives the request a place until the end of its answer. Without a free one, it is answered 503 with Retry-After,
   * before its body is read.
   */
  readonly admit: preParsingAsyncHookHandler = async (request, reply, payload) => {
    const { max, maxPerCaller, what } = this.#limits;
    const caller = describeCaller(request);
    const places = [...this.#places.values()];
    if (places.length >= max) throw new Busy(`this service runs ${max} ${what} at once; try again in a moment`);
    if (places.filter((place) => place.caller === caller).length >= maxPerCaller)
      throw new Busy(`this service runs ${maxPerCaller} ${what} of one caller at once; try again in a moment`);
    this.#places.set(request.raw, { caller, isAnswered: false, running: 0 });
    reply.raw.once('close', () => this.#change(request, { isAnswered: true }));
    return payload;
  };

  /**
   * Does the work of an admitted request. Its place stays taken until the work has settled, even if the client hangs
   * up.
   */
  async run<Result>(request: AdmittedRequest, work: () => Promise<Result>): Promise<Result> {
    this.#change(request, { running: 1 });
    try {
      return await work();
    } finally {
      this.#change(request, { running: -1 });
    }
  }

  /** Passes on what an admitted request reads. Its place stays taken until the source has ended. */
  async *follow<Item>(request: AdmittedRequest, items: AsyncIterable<Item>): AsyncGenerator<Item> {
    this.#change(request, { running: 1 });
    try {
      yield* items;
    } finally {
      this.#change(request, { running: -1 });
    }
  }

  #change(request: AdmittedRequest, { isAnswered = false, running = 0 }: Partial<Place>): void {
    // A client can hang up between its admission and its handler.
    const place = this.#places.get(request.raw) ?? { caller: describeCaller(request), isAnswered: true, running: 0 };
    place.isAnswered ||= isAnswered;
    place.running += running;
    if (place.isAnswered && place.running <= 0) this.#places.delete(request.raw);
    else this.#places.set(request.raw, place);
  }
}

/** Ends the work for a client that has hung up. @throws ClientGone */
export function refuseIfGone({ raw }: Pick<FastifyRequest, 'raw'>): void {
  if (raw.socket.destroyed) throw new ClientGone();
}
