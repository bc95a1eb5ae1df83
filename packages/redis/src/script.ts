import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script, run by its digest and sent again to a server that does not know it, such as one that restarted. */
export class Script {
  readonly #lua: string;
  readonly #sha: string;

  constructor(lua: string) {
    this.#lua = lua;
    this.#sha = createHash('sha1').update(lua).digest('hex');
  }

  /** The arguments go as one list: a call with a hundred thousand, as of a large job, overflows the stack. */
  async run(client: Redis, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await client.call('EVALSHA', [this.#sha, keys.length, ...keys, ...args]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.call('EVAL', [this.#lua, keys.length, ...keys, ...args]);
    }
  }
}
