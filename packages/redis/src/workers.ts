import type { WorkerInfo, WorkerRegistry } from '@gradsmith/core/ports';
import type { Keys } from './keys.ts';
import type { Link } from './link.ts';
import { Script } from './script.ts';

/**
 * Records a worker until its announcement expires, and removes workers whose announcement has expired.
 *
 *     KEYS[1]  sorted set of worker ids by expiry, ms
 *     KEYS[2]  hash of announcements
 *     ARGV[1]  worker id
 *     ARGV[2]  its announcement, JSON; empty to withdraw it
 *     ARGV[3]  ms until it expires
 */
const announceScript = new Script(`
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local over = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE')
  if ARGV[2] == '' then table.insert(over, ARGV[1]) end
  for _, id in ipairs(over) do
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
  end
  if ARGV[2] ~= '' then
    redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
  end
`);

/**
 * Lists the valid announcements.
 *
 *     KEYS     as above
 *     returns  their JSON texts
 */
const liveScript = new Script(`
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local live = {}
  for _, id in ipairs(redis.call('ZRANGE', KEYS[1], '(' .. now, '+inf', 'BYSCORE')) do
    local info = redis.call('HGET', KEYS[2], id)
    if info then table.insert(live, info) end
  end
  return live
`);

/** The live workers, by the clock of Redis. */
export class RedisWorkerRegistry implements WorkerRegistry {
  readonly #link: Link;
  readonly #keys: readonly [string, string];

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = [keys.workers, keys.workerInfos];
  }

  async announce(worker: WorkerInfo, ttlMs: number): Promise<void> {
    const args = [worker.id, JSON.stringify(worker), String(ttlMs)];
    await this.#link.run((client) => announceScript.run(client, this.#keys, args));
  }

  async withdraw(workerId: string): Promise<void> {
    await this.#link.run((client) => announceScript.run(client, this.#keys, [workerId, '', '0']));
  }

  async listLive(): Promise<WorkerInfo[]> {
    const texts = (await this.#link.run((client) => liveScript.run(client, this.#keys, []))) as string[];
    return texts.map((text) => JSON.parse(text) as WorkerInfo);
  }
}
