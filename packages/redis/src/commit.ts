import { randomUUID } from 'node:crypto';
import type { StoreChange } from '@gradsmith/core/ledger';
import type { Redis } from 'ioredis';
import { createdAtIn, INDEX_FIELD, indexMember, type Keys } from './keys.ts';
import { Script } from './script.ts';

/** What the commit script answers; 0 where something it depends on has changed. */
export const committed = 1;
export const unlisted = 2;

/** Lua: the field differs from the text that the change expects. The sabotage test replaces this condition. */
const FIELD_CHANGED = 'found ~= ARGV[at + 2]';

/**
 * Changes the fields of a job if nothing it depends on has changed.
 *
 * It makes exactly one write, so that the append-only file holds one command for it and no torn tail can hold a part of
 * it. The indexes are therefore written before, by others; here it is only seen to that they list the job. A new job of
 * more fields than `unpack` takes is written before, too, under its own name (see `runStage`), which here becomes the
 * job's: in pieces it would be a transaction, and one that is torn comes back by half, see `sealLog`.
 *
 *     KEYS[1]  hash of the job
 *     KEYS[2]  index of all jobs
 *     KEYS[3]  index of active jobs
 *     KEYS[4]  hash that becomes the job's, which must not be there yet; absent: the fields to write are in ARGV
 *     ARGV[1]  member for the job in the indexes; empty: the indexes are not concerned
 *     ARGV[2]  '1' when the index of active jobs has to list it
 *     ARGV[3]  number of expected fields, e
 *     ARGV[4 … 3 + 3e]  field, '1' or '0' (present or absent), text
 *     ARGV[4 + 3e …]    field, text to write
 *     returns  1 written; 0 an expected field differs, or a change that does not concern the indexes meets a job that
 *              was removed, or a whole hash one that is there; 2 an index does not list the job yet
 */
const commitScript = new Script(`
  local expected = tonumber(ARGV[3])
  for e = 0, expected - 1 do
    local at = 4 + 3 * e
    local found = redis.call('HGET', KEYS[1], ARGV[at])
    if ARGV[at + 1] == '0' then
      if found then return 0 end
    elseif ${FIELD_CHANGED} then
      return 0
    end
  end
  if ARGV[1] == '' then
    if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  else
    if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 2 end
    if ARGV[2] == '1' and not redis.call('ZSCORE', KEYS[3], ARGV[1]) then return 2 end
  end
  if not KEYS[4] then
    redis.call('HSET', KEYS[1], unpack(ARGV, 4 + 3 * expected))
  elseif redis.call('EXISTS', KEYS[1]) == 1 or redis.call('EXISTS', KEYS[4]) == 0 then
    return 0
  else
    redis.call('RENAME', KEYS[4], KEYS[1])
  end
  return 1
`);

/** Runs the script, with the fields of the change or with those that are `staged`; one of the three answers above. */
export async function runCommit(
  client: Redis,
  keys: Keys,
  jobId: string,
  change: StoreChange,
  staged: string | null,
): Promise<number> {
  const { expected, index } = change;
  const listed = index ? [indexMember(index.createdAt, jobId), index.active ? '1' : '0'] : ['', '0'];
  const args = [
    ...listed,
    String(expected.length),
    ...expected.flatMap(([field, text]) => [field, text === null ? '0' : '1', text ?? '']),
    ...(staged === null ? listHashFields(change) : []),
  ];
  return (await commitScript.run(
    client,
    [keys.job(jobId), keys.jobs, keys.active, ...(staged === null ? [] : [staged])],
    args,
  )) as number;
}

/** Whether the fields are too many for the script: `unpack` takes 8,000 texts. */
export function needsStage({ writes }: StoreChange): boolean {
  return writes.length > 3_000;
}

/**
 * Writes the fields of a change to their own hash and answers with its name, which nobody else has. It has no expiry,
 * as the job would inherit it: a process killed between this and the commit leaves it behind.
 */
export async function runStage(client: Redis, keys: Keys, jobId: string, change: StoreChange): Promise<string> {
  const staged = keys.staged(jobId, randomUUID());
  // As one list: a call with a hundred thousand arguments overflows the stack.
  await client.call('HSET', [staged, ...listHashFields(change)]);
  return staged;
}

/** Field and text by turns. */
function listHashFields({ writes, index }: StoreChange): string[] {
  return [...writes.flat(), ...(index ? [INDEX_FIELD, indexMarker(index)] : [])];
}

export function indexMarker({ createdAt, active }: NonNullable<StoreChange['index']>): string {
  return `${createdAt}:${active ? 1 : 0}`;
}

/**
 * Takes the job from an index, unless its hash says that it belongs there. One write, for the same reason.
 *
 *     KEYS[1]  hash of the job
 *     KEYS[2]  the index
 *     ARGV[1]  member for the job in the index
 *     ARGV[2]  field of the hash that holds the marker
 *     ARGV[3]  '1' to keep it listed only while active, '0' while the job exists at all
 *     ARGV[4]  beginning of the marker of a job that this member stands for
 *     returns  number of members taken out
 */
const unlistScript = new Script(`
  local marker = redis.call('HGET', KEYS[1], ARGV[2])
  local stands = marker and string.sub(marker, 1, #ARGV[4]) == ARGV[4]
  if stands and (ARGV[3] == '0' or string.sub(marker, -2) == ':1') then return 0 end
  return redis.call('ZREM', KEYS[2], ARGV[1])
`);

/** Takes the job from the index of active or of all jobs, if it does not belong there any more. */
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
 * Removes a job, if a field of it is as expected. One write, for the same reason.
 *
 *     KEYS[1]  hash of the job
 *     ARGV     field and its text, or nothing
 *     returns  1 removed, or there was none; 0 the field has another text
 */
const removeScript = new Script(`
  if ARGV[1] and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
  redis.call('DEL', KEYS[1])
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
