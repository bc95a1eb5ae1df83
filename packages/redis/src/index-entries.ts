import { listLabelFilters, type IndexChange, type IndexedJob, type JobNames } from '@gradsmith/core/ledger';
import type { Redis } from 'ioredis';
import { createdAtIn, INDEX_FIELD, indexMember, jobIdIn, NAMES_FIELD, type Keys } from './keys.ts';
import { Script } from './script.ts';

/** A member of an index. */
export interface IndexEntry {
  key: string;
  member: string;
}

/** What the hash of a job says about the indexes; null if it says nothing. */
export interface IndexTexts {
  marker: string | null;
  names: string | null;
}

/** Returns the text of `INDEX_FIELD`. */
export function indexMarker({ createdAt, active, progress }: IndexChange): string {
  const isActive = active ? 1 : 0;
  if (!progress) return `${createdAt}:${isActive}`;
  return [createdAt, progress.state, progress.settled, progress.best ?? '', isActive].join(':');
}

/**
 * Lists the entries that a job needs after a change: that of its state only if that or the names changed, those of
 * names only if the change has names. Others it has already.
 */
export function listEntries(
  keys: Keys,
  jobId: string,
  { createdAt, active, progress, names, before }: IndexChange,
): IndexEntry[] {
  const member = indexMember(createdAt, jobId);
  const entries = [{ key: keys.jobs, member }];
  if (active) entries.push({ key: keys.active, member });
  if (progress && (names || progress.state !== before?.state))
    entries.push({ key: keys.state(progress.state), member });
  return [...entries, ...listNameEntries(keys, member, names)];
}

/** Lists the entries that a job may have had before a change, and no longer has. */
export function listLeftEntries(keys: Keys, jobId: string, change: IndexChange): IndexEntry[] {
  const { createdAt, progress, names, before } = change;
  const member = indexMember(createdAt, jobId);
  const left: IndexEntry[] = [];
  if (before && progress && before.state !== progress.state) left.push({ key: keys.state(before.state), member });
  if (!before?.names || !names) return left;
  const kept = new Set(listNameEntries(keys, member, names).map(toText));
  return [...left, ...listNameEntries(keys, member, before.names).filter((entry) => !kept.has(toText(entry)))];
}

function listNameEntries(keys: Keys, member: string, names: JobNames | undefined): IndexEntry[] {
  if (!names) return [];
  const labels = listLabelFilters(names.labels).map((label) => ({ key: keys.label(label), member }));
  return [{ key: keys.names, member: `${member}:${names.name}` }, ...labels];
}

function toText({ key, member }: IndexEntry): string {
  return `${key} ${member}`;
}

/** Returns what the index lists of a job; null if it has no names, or no longer exists. */
export function parseIndexedJob(id: string, { marker, names }: IndexTexts): IndexedJob | null {
  if (marker === null || names === null) return null;
  const [createdAt, state, settled, best] = marker.split(':');
  return {
    id,
    createdAt: Number(createdAt),
    ...(JSON.parse(names) as JobNames),
    state: state as IndexedJob['state'],
    settled: Number(settled),
    best: best === '' ? null : Number(best),
  };
}

/** Returns whether a job has this entry now, by what its hash says. */
export function hasEntry(keys: Keys, { key, member }: IndexEntry, texts: IndexTexts): boolean {
  const { marker } = texts;
  // A job that is created twice, the first time with a lost reply, has two members with different times.
  if (marker === null || createdAtIn(marker) !== createdAtIn(member)) return false;
  if (key === keys.jobs) return true;
  if (key === keys.active) return marker.endsWith(':1');
  const job = parseIndexedJob(jobIdIn(member), texts);
  if (!job) return key.startsWith(keys.state('')) && marker.split(':')[1] === key.slice(keys.state('').length);
  const change = { createdAt: job.createdAt, active: false, progress: job, names: job };
  return listEntries(keys, job.id, change).some((entry) => entry.key === key && entry.member === member);
}

export async function readIndexTexts(client: Redis, keys: Keys, jobIds: readonly string[]): Promise<IndexTexts[]> {
  const pipeline = client.pipeline();
  for (const id of jobIds) pipeline.hmget(keys.job(id), INDEX_FIELD, NAMES_FIELD);
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, reply]) => {
    if (error) throw error;
    const [marker = null, names = null] = reply as (string | null)[];
    return { marker, names };
  });
}

/**
 * Removes a member from an index if the hash of its job still says what it said when it was read. One write, see
 * `runCommit`.
 *
 *     KEYS[1]  hash of the job
 *     KEYS[2]  the index
 *     ARGV[1]  the member
 *     ARGV[2]  text of `INDEX_FIELD` that was read, empty if none
 *     ARGV[3]  text of `NAMES_FIELD` that was read, empty if none
 *     returns  number of removed members
 */
const dropScript = new Script(`
  local texts = redis.call('HMGET', KEYS[1], '${INDEX_FIELD}', '${NAMES_FIELD}')
  if (texts[1] or '') ~= ARGV[2] or (texts[2] or '') ~= ARGV[3] then return 0 end
  return redis.call('ZREM', KEYS[2], ARGV[1])
`);

/** Removes an entry that its job does not have. */
export async function dropEntry(
  client: Redis,
  keys: Keys,
  { key, member }: IndexEntry,
  texts: IndexTexts,
): Promise<void> {
  await dropScript.run(client, [keys.job(jobIdIn(member)), key], [member, texts.marker ?? '', texts.names ?? '']);
}
