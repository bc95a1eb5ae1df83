import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';
import { Script } from './script.ts';

/** The clock, ms as text, and the texts of fields; null if missing. */
export type FieldsRead = [now: string, ...texts: (string | null)[]];

/** Lua: the clock of Redis, ms as text. */
export const LUA_NOW = `(function()
    local time = redis.call('TIME')
    return string.format('%d', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
  end)()`;

/**
 * Reads fields of a job and the clock in one step. A script, because a Redis out of memory refuses MULTI … EXEC even
 * for reads.
 *
 *     KEYS[1]  hash of the job
 *     ARGV     fields; `unpack` accepts a few thousand at a time
 *     returns  ms of the clock as text, then each field's text or nil
 */
const readScript = new Script(`
  local answer = { ${LUA_NOW} }
  for from = 1, #ARGV, 4000 do
    local texts = redis.call('HMGET', KEYS[1], unpack(ARGV, from, math.min(from + 3999, #ARGV)))
    for i = 1, #texts do answer[from + i] = texts[i] end
  end
  return answer
`);

export async function runRead(
  client: Redis,
  keys: Keys,
  jobId: string,
  fields: readonly string[],
): Promise<FieldsRead> {
  return (await readScript.run(client, [keys.job(jobId)], fields)) as FieldsRead;
}
