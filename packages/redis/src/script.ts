import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script that is called by its digest, and sent again to a server that does not know it (after a restart). */
export class Script {
  readonly #lua: string;
  readonly #sha: string;

  constructor(lua: string) {
    this.#lua = lua;
    this.#sha = createHash('sha1').update(lua).digest('hex');
  }

  /** The arguments are one list: a call with a hundred thousand, as for a large job, overflows the stack. */
  async run(client: Redis, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await client.call('EVALSHA', [this.#sha, keys.length, ...keys, ...args]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.call('EVAL', [this.#lua, keys.length, ...keys, ...args]);
    }
  }
}
