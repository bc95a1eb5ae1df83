import type { LiveWorker, WorkerInfo, WorkerRegistry } from '@gradsmith/core/ports';
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
 *     returns  their JSON texts, each followed by the time at which it expires, ms
 */
const liveScript = new Script(`
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local live = {}
  local found = redis.call('ZRANGE', KEYS[1], '(' .. now, '+inf', 'BYSCORE', 'WITHSCORES')
  for i = 1, #found, 2 do
    local info = redis.call('HGET', KEYS[2], found[i])
    if info then
      table.insert(live, info)
      table.insert(live, found[i + 1])
    end
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
    const args = [worker.id, JSON.stringify({ ...worker, ttlMs }), String(ttlMs)];
    await this.#link.run((client) => announceScript.run(client, this.#keys, args));
  }

  async withdraw(workerId: string): Promise<void> {
    await this.#link.run((client) => announceScript.run(client, this.#keys, [workerId, '', '0']));
  }

  async listLive(): Promise<LiveWorker[]> {
    const answer = (await this.#link.run((client) => liveScript.run(client, this.#keys, []))) as string[];
    return answer.flatMap((text, i) => (i % 2 ? [] : [readAnnouncement(text, Number(answer[i + 1]))]));
  }
}

/** Reads an announcement. Those of workers from before `ttlMs` do not tell when they were made. */
function readAnnouncement(text: string, expiresAt: number): LiveWorker {
  const { ttlMs, ...worker } = JSON.parse(text) as WorkerInfo & { ttlMs?: number };
  return { ...worker, seenAt: ttlMs === undefined ? null : expiresAt - ttlMs };
}
