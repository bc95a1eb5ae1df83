import type { StoreChange } from '@gradsmith/core/ledger';
import type { Redis } from 'ioredis';
import { earlierMarker, indexMarker, listEntries } from './index-entries.ts';
import { createdAtIn, INDEX_FIELD, luaIsEarlierMarker, NAMES_FIELD, type Keys } from './keys.ts';
import { LUA_NOW, type FieldsRead } from './read.ts';
import { Script } from './script.ts';

/** Answer of the commit script: an index does not list the job yet. */
export const unlisted = 2;

/** Lua: the field differs from the text that the change expects. The sabotage test replaces this condition. */
const FIELD_CHANGED = 'found ~= ARGV[at + 2]';

/**
 * Changes the fields of a job if nothing that the change depends on is different. Otherwise reads fields of the job.
 *
 * The script makes exactly one write. The append-only file then has one command for it, and a torn file cannot contain
 * a part of it. So the indexes are written earlier, and this script only checks that they list the job. If a new job
 * has more fields than `unpack` accepts, `runStage` writes them earlier under another name, and this script renames
 * that hash. Several writes would form a transaction, and a torn one can come back in part, see `sealLog`.
 *
 * If an earlier version was the last to change how the job is listed, only a change with names corrects that. A change
 * without names writes the short text of `INDEX_FIELD`, so that the job stays unnamed and is found by `listUnnamed`.
 *
 *     KEYS[1]           hash of the job
 *     KEYS[2 … 1 + i]   indexes that must list the job; none if the change does not affect the indexes
 *     KEYS[2 + i]       hash to rename to the job's, which must not exist; absent: the fields to write are in ARGV
 *     ARGV[1]  number of indexes, i
 *     ARGV[2]  number of expected fields, e
 *     ARGV[3]  number of fields to read if the change is refused, r; `unpack` accepts a few thousand
 *     ARGV[4]  text that an earlier version would write as the last text; empty: not for this change
 *     ARGV[5 … 4 + i]                   the job's member in each index
 *     ARGV[5 + i … 4 + i + 3e]          field, '1' or '0' (present or absent), text
 *     ARGV[5 + i + 3e … 4 + i + 3e + r] field to read
 *     ARGV[5 + i + 3e + r …]            field, text to write; with a hash to rename, the number of its fields
 *     returns  1 written
 *              2 an index does not list the job yet
 *              what `readScript` returns: an expected field differs, the job was removed, or the job to create exists
 */
const commitScript = new Script(`
  local indexes = tonumber(ARGV[1])
  local expected = tonumber(ARGV[2])
  local firstExpected = 5 + indexes
  local firstRead = firstExpected + 3 * expected
  local firstWrite = firstRead + tonumber(ARGV[3])
  local staged = KEYS[2 + indexes]
  local function refuse()
    local answer = { ${LUA_NOW} }
    if firstWrite > firstRead then
      local texts = redis.call('HMGET', KEYS[1], unpack(ARGV, firstRead, firstWrite - 1))
      for i = 1, #texts do answer[i + 1] = texts[i] end
    end
    return answer
  end
  for e = 0, expected - 1 do
    local at = firstExpected + 3 * e
    local found = redis.call('HGET', KEYS[1], ARGV[at])
    if ARGV[at + 1] == '0' then
      if found then return refuse() end
    elseif ${FIELD_CHANGED} then
      return refuse()
    end
  end
  if indexes == 0 and redis.call('EXISTS', KEYS[1]) == 0 then return refuse() end
  for i = 1, indexes do
    if not redis.call('ZSCORE', KEYS[1 + i], ARGV[4 + i]) then return 2 end
  end
  if ARGV[4] ~= '' then
    local marker = redis.call('HGET', KEYS[1], '${INDEX_FIELD}')
    if marker and ${luaIsEarlierMarker('marker')} then ARGV[#ARGV] = ARGV[4] end
  end
  if not staged then
    redis.call('HSET', KEYS[1], unpack(ARGV, firstWrite))
  elseif redis.call('EXISTS', KEYS[1]) == 1 or redis.call('HLEN', staged) ~= tonumber(ARGV[firstWrite]) then
    return refuse()
  else
    redis.call('RENAME', staged, KEYS[1])
  end
  return 1
`);

/** How a change is committed. */
export interface CommitOptions {
  /** Hash with the fields to write; null: they are sent with the change. */
  staged: string | null;
  /** Fields to read if the change is refused. */
  fields: readonly string[];
}

/** Runs the script. Returns one of the answers above, or what it read because it refused the change. */
export async function runCommit(
  client: Redis,
  keys: Keys,
  { jobId, change, staged, fields }: CommitOptions & { jobId: string; change: StoreChange },
): Promise<number | FieldsRead> {
  const { expected, index } = change;
  const entries = index ? listEntries(keys, jobId, index) : [];
  const args = [
    String(entries.length),
    String(expected.length),
    String(fields.length),
    index && !index.names && staged === null ? earlierMarker(index) : '',
    ...entries.map(({ member }) => member),
    ...expected.flatMap(([field, text]) => [field, text === null ? '0' : '1', text ?? '']),
    ...fields,
    ...(staged === null ? listHashFields(change) : [String(listHashFields(change).length / 2)]),
  ];
  return (await commitScript.run(
    client,
    [keys.job(jobId), ...entries.map(({ key }) => key), ...(staged === null ? [] : [staged])],
    args,
  )) as number | FieldsRead;
}

/** Fields and texts that are staged at once. */
const STAGED_AT_ONCE = 1_000;

/** Returns true if the fields are too many for the script: `unpack` accepts 8,000 texts. */
export function needsStage({ writes }: StoreChange): boolean {
  return writes.length > 3_000;
}

/**
 * Writes a part of the fields of a change to a separate hash. The hash does not expire, because the job would inherit
 * the expiry. A process that is killed before the commit leaves it in Redis.
 */
export async function runStage(client: Redis, staged: string, part: readonly string[]): Promise<void> {
  await client.call('HSET', [staged, ...part]);
}

/** Lists the parts of a change that are staged one after another, so that none of them holds up others for long. */
export function* listStageParts(change: StoreChange): Generator<string[]> {
  const texts = listHashFields(change);
  for (let from = 0; from < texts.length; from += STAGED_AT_ONCE) yield texts.slice(from, from + STAGED_AT_ONCE);
}

/** Lists field and text in turn. `INDEX_FIELD` is the last, see the script. */
function listHashFields({ writes, index }: StoreChange): string[] {
  const texts = writes.flat();
  if (index?.names) texts.push(NAMES_FIELD, JSON.stringify(index.names));
  if (index) texts.push(INDEX_FIELD, indexMarker(index));
  return texts;
}

/**
 * Removes the job from an index, unless its hash says that it belongs there. One write, for the reason above.
 *
 *     KEYS[1]  hash of the job
 *     KEYS[2]  the index
 *     ARGV[1]  the job's member in the index
 *     ARGV[2]  field of the hash with the marker
 *     ARGV[3]  '1' to list it only while active, '0' to list it while the job exists
 *     ARGV[4]  start of the marker of a job with this member
 *     returns  number of removed members
 */
const unlistScript = new Script(`
  local marker = redis.call('HGET', KEYS[1], ARGV[2])
  local stands = marker and string.sub(marker, 1, #ARGV[4]) == ARGV[4]
  if stands and (ARGV[3] == '0' or string.sub(marker, -2) == ':1') then return 0 end
  return redis.call('ZREM', KEYS[2], ARGV[1])
`);

/** Removes the job from the index of active or of all jobs if it no longer belongs there. */
export async function runUnlist(
  client: Redis,
  keys: Keys,
  jobId: string,
  member: string,
  index: 'active' | 'jobs',
): Promise<void> {
  await unlistScript.run(
    client,
    [keys.job(jobId), keys[index]],
    [member, INDEX_FIELD, index === 'active' ? '1' : '0', `${createdAtIn(member)}:`],
  );
}

/**
 * Removes a job if one of its fields is as expected. One write, for the reason above. `UNLINK` frees the memory of a
 * large job in the background; `DEL` would hold up all clients.
 *
 *     KEYS[1]  hash of the job
 *     ARGV     field and its text, or nothing
 *     returns  1 removed, or it did not exist; 0 the field has another text
 */
const removeScript = new Script(`
  if ARGV[1] and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
  redis.call('UNLINK', KEYS[1])
  return 1
`);

export async function runRemove(
  client: Redis,
  keys: Keys,
  jobId: string,
  expected: readonly string[] = [],
): Promise<boolean> {
  return (await removeScript.run(client, [keys.job(jobId)], expected)) === 1;
}
