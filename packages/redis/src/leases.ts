import type { Keys } from './keys.ts';
import type { Link } from './link.ts';
import { Script } from './script.ts';

/**
 * Takes a lease or renews it.
 *
 *     KEYS[1]  the lease
 *     ARGV[1]  owner
 *     ARGV[2]  ms until it ends unless renewed
 *     returns  1 where the owner has it now, 0 where another one has
 */
const acquireScript = new Script(`
  local holder = redis.call('GET', KEYS[1])
  if holder and holder ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
`);

/** Gives a lease back; KEYS and ARGV[1] as above. One that is another's by now stays. */
const releaseScript = new Script(`
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);

/** Things of which one process has the use at a time, such as a GPU; by the clock of Redis. */
export class RedisLeases {
  readonly #link: Link;
  readonly #keys: Keys;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  /** Takes or renews it for `ms`. False where another owner has it. @throws LedgerUnavailable */
  async acquire(thing: string, owner: string, ms: number): Promise<boolean> {
    return (
      (await this.#link.run((client) => acquireScript.run(client, [this.#keys.lease(thing)], [owner, String(ms)]))) ===
      1
    );
  }

  async release(thing: string, owner: string): Promise<void> {
    await this.#link.run((client) => releaseScript.run(client, [this.#keys.lease(thing)], [owner]));
  }
}
