import { jobStates } from '@gradsmith/core/domain';
import { listLabelFilters, type IndexChange, type IndexedJob, type JobNames } from '@gradsmith/core/ledger';
import type { Redis } from 'ioredis';
import { createdAtIn, INDEX_FIELD, indexMember, isEarlierMarker, jobIdIn, NAMES_FIELD, type Keys } from './keys.ts';
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
export function indexMarker(change: IndexChange): string {
  const { createdAt, active, progress } = change;
  if (!progress) return earlierMarker(change);
  return [createdAt, progress.state, progress.settled, progress.best ?? '', active ? 1 : 0].join(':');
}

/** Returns the text of `INDEX_FIELD` as earlier versions write it. */
export function earlierMarker({ createdAt, active }: IndexChange): string {
  return `${createdAt}:${active ? 1 : 0}`;
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

/**
 * Lists the entries that a job may have, by what its hash says: that of any state, because an earlier version does not
 * say which; those of its names. Without those of `jobs` and `active`.
 */
export function listPossibleEntries(keys: Keys, jobId: string, { marker, names }: IndexTexts): IndexEntry[] {
  if (marker === null) return [];
  const member = indexMember(createdAtIn(marker), jobId);
  const states = jobStates.map((state) => ({ key: keys.state(state), member }));
  return [...states, ...listNameEntries(keys, member, parseNames(names) ?? undefined)];
}

function parseNames(text: string | null): JobNames | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as JobNames;
  } catch {
    return null;
  }
}

/**
 * Returns what the index lists of a job. Returns null if it has no valid names: it was never named, or an earlier
 * version has changed it since, perhaps its name and its state; or it no longer exists.
 */
export function parseIndexedJob(id: string, { marker, names: text }: IndexTexts): IndexedJob | null {
  const names = parseNames(text);
  if (marker === null || isEarlierMarker(marker) || !names) return null;
  const [createdAt, state, settled, best] = marker.split(':');
  return {
    id,
    createdAt: Number(createdAt),
    ...names,
    state: state as IndexedJob['state'],
    settled: Number(settled),
    best: best === '' ? null : Number(best),
  };
}

/** Returns whether the job with this member of an index exists and needs its names. */
export function isUnnamed(texts: IndexTexts, member: string): boolean {
  const { marker } = texts;
  const exists = marker !== null && createdAtIn(marker) === createdAtIn(member);
  return exists && !parseIndexedJob(jobIdIn(member), texts);
}

/**
 * Returns whether a job has this entry now, by what its hash says. A job that an earlier version has changed keeps all
 * entries until it is named: its hash does not say which of them hold.
 */
export function hasEntry(keys: Keys, { key, member }: IndexEntry, texts: IndexTexts): boolean {
  const { marker } = texts;
  // A job that is created twice, the first time with a lost reply, has two members with different times.
  if (marker === null || createdAtIn(marker) !== createdAtIn(member)) return false;
  if (key === keys.jobs) return true;
  if (key === keys.active) return marker.endsWith(':1');
  if (isEarlierMarker(marker)) return true;
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
