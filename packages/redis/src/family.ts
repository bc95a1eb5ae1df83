import { Redis, type RedisOptions } from 'ioredis';

/**
 * A connection and the copies that BullMQ makes of it, all of which can be ended for good. BullMQ's own closing may
 * leave a copy behind that tries to reconnect for ever when Redis is away or frozen at that moment.
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
      // BullMQ may still be on its way to reconnect it; this message it takes for the end.
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
