import { Redis, type RedisOptions } from 'ioredis';

/**
 * A connection and the copies that BullMQ makes of it, which can all be closed for good. BullMQ's own close may leave a
 * copy that reconnects forever if Redis is unavailable or frozen at that time.
 */
export class Family {
  readonly head: Redis;
  readonly #members: Redis[] = [];
  readonly #onError: (error: Error) => void;

  constructor(options: RedisOptions, onError: (error: Error) => void) {
    this.#onError = onError;
    this.head = this.#adopt(new Redis(options));
  }

  end(): void {
    for (const member of this.#members) {
      // BullMQ may still try to reconnect it. It treats this message as the end of the connection.
      member.connect = () => Promise.reject(new Error('Connection is closed.'));
      member.disconnect();
    }
  }

  #adopt(member: Redis): Redis {
    this.#members.push(member);
    member.on('error', this.#onError);
    const duplicate = member.duplicate.bind(member);
    member.duplicate = ((override?: Partial<RedisOptions>) => this.#adopt(duplicate(override))) as Redis['duplicate'];
    return member;
  }
}
