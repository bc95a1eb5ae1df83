/** The names of all keys in Redis, below one prefix. No other code builds key names. */
export interface Keys {
  /** Hash: the fields of one job, and `INDEX_FIELD`. */
  job(jobId: string): string;
  /** Hash: the fields of a job with thousands of fields before its commit. */
  staged(jobId: string, id: string): string;
  /** Sorted set, all scores 0: `<createdAt>:<job>` of every job. */
  jobs: string;
  /** The same for jobs that need a coordinator. */
  active: string;
  /** Sorted set, all scores 0: `<createdAt>:<job>:<name>` of every job. */
  names: string;
  /** As `jobs`, for the jobs in a state. */
  state(state: string): string;
  /** As `jobs`, for the jobs with a label: its key, or key and value with a colon between them. */
  label(label: string): string;
  /** String: the secret of the ledger. */
  secret: string;
  /** Two strings, see `sealLog`. */
  seals: readonly [string, string];
  /** Sorted set: worker ids by the expiry of their announcement, ms of the Redis clock. */
  workers: string;
  /** Hash: the announcement of each worker id. */
  workerInfos: string;
  /** String: the owner of a lease on a resource; it expires. */
  lease(thing: string): string;
  /** Channel: ids of jobs that changed. */
  signals: string;
  /** The prefix of BullMQ's keys. */
  queues: string;
  /** BullMQ's name of a queue. BullMQ allows no colon in it. */
  queue(name: string): string;
  /** BullMQ's id of a message. It must not contain a colon nor consist of digits only. */
  message(messageId: string): string;
}

export function keysUnder(prefix: string): Keys {
  return {
    job: (jobId) => `${prefix}:job:${jobId}`,
    staged: (jobId, id) => `${prefix}:staged:${jobId}:${id}`,
    jobs: `${prefix}:jobs`,
    active: `${prefix}:active`,
    names: `${prefix}:names`,
    state: (state) => `${prefix}:state:${state}`,
    label: (label) => `${prefix}:label:${label}`,
    secret: `${prefix}:secret`,
    seals: [`${prefix}:seal:1`, `${prefix}:seal:2`],
    workers: `${prefix}:workers`,
    workerInfos: `${prefix}:worker-infos`,
    lease: (thing) => `${prefix}:lease:${thing}`,
    signals: `${prefix}:signals`,
    queues: `${prefix}:queue`,
    queue: (name) => encodeURIComponent(name),
    message: (messageId) => `m-${encodeURIComponent(messageId)}`,
  };
}

/**
 * Field of a job's hash that says which indexes must list it: `<createdAt>:<state>:<settled>:<best>:<1 active, 0 not>`.
 *
 * Earlier versions write `<createdAt>:<1 active, 0 not>`. What `NAMES_FIELD` and the index say of such a job may be
 * wrong, because they can change its name and its state. It keeps this short text until a change has its names.
 */
export const INDEX_FIELD = '@index';

/** Returns whether an earlier version wrote this text of `INDEX_FIELD`. */
export function isEarlierMarker(marker: string): boolean {
  return /^\d+:[01]$/.test(marker);
}

/** Lua: whether an earlier version wrote this text of `INDEX_FIELD`. */
export const luaIsEarlierMarker = (text: string): string => `string.find(${text}, '^%d+:[01]$')`;

/** Field of a job's hash with its name and labels, in JSON. */
export const NAMES_FIELD = '@names';

/** Returns the member of a job in an index. Members sort by creation, then id. */
export function indexMember(createdAt: number, jobId: string): string {
  return `${String(createdAt).padStart(CREATED_AT_DIGITS, '0')}:${jobId}`;
}

export const CREATED_AT_DIGITS = 15;

/** Returns the creation time in an index member or in a job's `INDEX_FIELD`. */
export function createdAtIn(text: string): number {
  return Number(text.slice(0, text.indexOf(':')));
}

/** Returns the job id in an index member, also of `names`. */
export function jobIdIn(member: string): string {
  return member.split(':', 2)[1]!;
}
