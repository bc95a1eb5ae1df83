import type { Keys } from './keys.ts';
import type { Link } from './link.ts';
import { Script } from './script.ts';

/**
 * Acquires or renews a lease.
 *
 *     KEYS[1]  the lease
 *     ARGV[1]  owner
 *     ARGV[2]  ms until it expires
 *     returns  1 if the owner has it now, 0 if another owner has it
 */
const acquireScript = new Script(`
  local holder = redis.call('GET', KEYS[1])
  if holder and holder ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
`);

/** Releases a lease; KEYS and ARGV[1] as above. A lease of another owner stays. */
const releaseScript = new Script(`
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);

/** Leases on resources that one process uses at a time, such as a GPU. Redis' clock decides their expiry. */
export class RedisLeases {
  readonly #link: Link;
  readonly #keys: Keys;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  /**
   * Acquires or renews a lease for `ms`. Returns false if another owner has it.
   *
   * @throws LedgerUnavailable
   */
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
