import { Busy, GradsmithError } from '@gradsmith/core/domain';
import type { EventStream } from './event-stream.ts';

class TooManyStreams extends GradsmithError {
  constructor(max: number) {
    super(`${max} event streams of this caller are open, which is the limit; close one`, 'too-many-requests', {
      retryable: true,
    });
  }
}

export interface StreamLimits {
  /** Streams of all callers together. */
  max: number;
  /** Streams of one key, or of one address without a key. */
  maxPerCaller: number;
  /** How often the keys of open streams are checked, ms. */
  checkMs: number;
}

/** A place for a stream, held from its admission to its end. */
export interface StreamPlace {
  /** Closes the stream as soon as its caller may no longer read. */
  hold(stream: EventStream): void;
  release(): void;
}

interface Held {
  caller: string;
  mayRead: () => boolean;
  stream: EventStream | null;
}

/** The open event streams: a bounded number for each caller, each only as long as its key allows it. */
export class OpenStreams {
  readonly #limits: StreamLimits;
  readonly #held = new Set<Held>();
  readonly #timer: NodeJS.Timeout;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
    this.#timer = setInterval(() => this.#closeForbidden(), limits.checkMs).unref();
  }

  /**
   * Takes a place for a caller.
   *
   * @param mayRead whether the caller's key is still valid and has the scope
   * @throws Busy if all places are taken, TooManyStreams if the caller has too many of them
   */
  admit(caller: string, mayRead: () => boolean): StreamPlace {
    const { max, maxPerCaller } = this.#limits;
    if (this.#held.size >= max)
      throw new Busy(`${max} event streams are open, which is the limit; poll the status of the job instead`);
    if ([...this.#held].filter((one) => one.caller === caller).length >= maxPerCaller)
      throw new TooManyStreams(maxPerCaller);
    const held: Held = { caller, mayRead, stream: null };
    this.#held.add(held);
    return {
      hold: (stream) => void (held.stream = stream),
      release: () => {
        this.#held.delete(held);
        held.stream?.close();
      },
    };
  }

  /** Closes all streams. */
  close(): void {
    clearInterval(this.#timer);
    for (const { stream } of this.#held) stream?.close();
  }

  #closeForbidden(): void {
    for (const { stream, mayRead } of this.#held) if (!mayRead()) stream?.close();
  }
}
